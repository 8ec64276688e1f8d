/** One thing that a golden file expects. */
export interface Element {
  readonly id: string;
  readonly section: string;
  /** The reference does this by accident; we may differ. */
  readonly quirk: boolean;
}

/** Sections that never hold an expectation, in any golden file. */
const NEVER_EXPECTED = new Set(['versions']);

/**
 * Every element of every top-level list or map of a golden file that is not declared to be context. A section that the
 * area has never heard of is listed too: without results for its elements they count as failed.
 */
export function elementsOf(data: Readonly<Record<string, unknown>>, context: readonly string[] = []): Element[] {
  const inputs = new Set([...NEVER_EXPECTED, ...context]);
  return Object.entries(data).flatMap(([section, value]) => {
    if (inputs.has(section) || typeof value !== 'object' || value === null) return [];
    const members = Array.isArray(value)
      ? value.map((member, index) => [`${section}[${index}]`, member] as const)
      : Object.entries(value).map(([key, member]) => [`${section}.${key}`, member] as const);
    return members.map(([place, member]) => ({ id: idOf(member) ?? place, section, quirk: isQuirk(member) }));
  });
}

function idOf(member: unknown): string | undefined {
  if (typeof member !== 'object' || member === null || !('id' in member)) return undefined;
  return typeof member.id === 'string' ? member.id : undefined;
}

function isQuirk(member: unknown): boolean {
  return (
    typeof member === 'object' && member !== null && 'reference_quirk' in member && Boolean(member.reference_quirk)
  );
}
