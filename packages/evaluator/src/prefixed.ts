export interface PrefixOptions {
  /** Put before every name as `prefix/name`. Default: the class's `defaultPrefix`. */
  readonly prefix?: string | undefined;
}

/** What metrics of every kind share: the prefix of their names and what is known of the dataset. */
export abstract class PrefixedMetric {
  /** What goes before the names of this class's values, unless the `prefix` option says otherwise. */
  static readonly defaultPrefix: string | undefined = undefined;

  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  readonly #prefix: string | undefined;

  constructor(options: PrefixOptions = {}) {
    this.#prefix = options.prefix;
  }

  get prefix(): string | undefined {
    return this.#prefix || (this.constructor as typeof PrefixedMetric).defaultPrefix || undefined;
  }
}
