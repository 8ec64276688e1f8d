/** The layers of a network, from its input to its output. */
export interface LayerPlan {
  /** 0 for what comes before the first layer (stem, embeddings), then 1, 2, ... ; `last` for all that comes after the layers. */
  idOf(name: string): number;
  /** One more than the number of layers. */
  readonly last: number;
}

/** The first few names, for messages. */
export function someOf(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
}
