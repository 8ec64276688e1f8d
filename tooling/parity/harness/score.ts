import type { ReplayResult } from './area.js';
import type { Element } from './elements.js';

/** What a replay of a whole file amounts to. */
export interface Score {
  readonly passed: number;
  /** Every expectation but the quirks that differ. */
  readonly total: number;
  readonly failures: readonly { readonly id: string; readonly error: string }[];
  /** Quirks of the reference that we do not share. */
  readonly quirks: readonly string[];
  /** What is to be said of expectations that are met. */
  readonly remarks: readonly { readonly id: string; readonly remark: string }[];
  /** Largest error over everything compared, failures included; undefined where nothing is measured. */
  readonly maxError: number | undefined;
}

/**
 * Holds the results against the file's elements: an element without a result fails, and so does a result without an element.
 * `stopped` says why results are missing.
 */
export function score(elements: readonly Element[], results: readonly ReplayResult[], stopped?: string): Score {
  const byId = groupById(results);
  const failures: { id: string; error: string }[] = [];
  const quirks: string[] = [];
  const known = new Set<string>();
  for (const { id, quirk, section } of elements) {
    if (known.has(id)) {
      failures.push({ id, error: `the id occurs twice in the file (again in section ${section})` });
      continue;
    }
    known.add(id);
    const error = faultOf(byId.get(id), stopped ?? `nothing replays it (section ${section})`);
    if (error === undefined) continue;
    if (quirk) quirks.push(id);
    else failures.push({ id, error });
  }
  const strangers = [...byId.keys()].filter((id) => !known.has(id));
  for (const id of strangers) failures.push({ id, error: 'a result for something that the file does not contain' });
  const total = elements.length + strangers.length - quirks.length;
  const errors = results.flatMap((result) => result.maxError ?? []);
  const remarks = results.flatMap(({ id, ok, remark }) => (ok && remark !== undefined ? [{ id, remark }] : []));
  const maxError = errors.length === 0 ? undefined : errors.reduce((largest, error) => Math.max(largest, error), 0);
  return { passed: total - failures.length, total, failures, quirks, remarks, maxError };
}

function faultOf(results: readonly ReplayResult[] | undefined, absent: string): string | undefined {
  if (results === undefined) return absent;
  const wrong = results.find((result) => !result.ok);
  return wrong === undefined ? undefined : (wrong.error ?? 'differs');
}

function groupById(results: readonly ReplayResult[]): Map<string, ReplayResult[]> {
  const groups = new Map<string, ReplayResult[]>();
  for (const result of results) {
    const group = groups.get(result.id);
    if (group === undefined) groups.set(result.id, [result]);
    else group.push(result);
  }
  return groups;
}

/** The harness's last line. */
export function closingLine(area: string, { passed, total, maxError }: Score): string {
  const measured = maxError === undefined ? '' : `, max error ${maxError.toPrecision(3)}`;
  return `parity ${area}: ${passed}/${total} passed${measured}`;
}
