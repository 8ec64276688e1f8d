import type { Comparison } from './comparison.js';

/** What a golden run had by iteration. */
export interface Lines {
  /** Batches of an epoch. */
  readonly epochLength: number;
  /** How far a loss may be off in the iteration of this index. */
  limit(iteration: number): number;
}

const ITER_HEADER = /Iter\(train\) \[ *(\d+)\/\d+\]/;
const EPOCH_HEADER = /Epoch\(train\) +\[(\d+)\]\[ *(\d+)\/\d+\]/;
/** Values that come out of the network, which may be off by the tolerance, and by one in the last digit through rounding. */
const MEASURED = /\b((?:loss|grad_norm)\w*): (-?\d+\.(\d+))/g;
/** We go to the batch where a run was left off without reading what lies before, and so past no end of the data. */
const READ_AGAIN = /^T - mmengine - WARNING - Advance dataloader \d+ steps to skip data that has already been trained$/;
const AT_THE_END = /^T - mmengine - WARNING - Reach the end of the dataloader, /;

/** Warnings that we word in our own way, about the same thing. */
const OWN_WORDS: readonly (readonly [theirs: RegExp, ours: RegExp, name: string])[] = [
  [/Reach the end of the dataloader, .*/, /The training data ended after \d+ batches .*/, '(the data begins again)'],
];

/** The golden lines, in our names. */
export function expectedLines(golden: readonly string[], workDir: string): string[] {
  return golden
    .filter((line, i) => !READ_AGAIN.test(line) && !(AT_THE_END.test(line) && READ_AGAIN.test(golden[i - 1] ?? '')))
    .map((line) =>
      OWN_WORDS.reduce((text, [theirs, , name]) => text.replace(theirs, name), line)
        .replace(/^T - mmengine - /, 'T - engine - ')
        .replaceAll(`WORK/${workDir}`, 'WORK')
        .replaceAll('.pth', '.safetensors'),
    );
}

/** The same lines, character for character but for the last digits of measured values. */
export function compareLines(
  got: readonly string[],
  want: readonly string[],
  { lines, comparison }: { readonly lines: Lines; readonly comparison: Comparison },
): void {
  for (const [i, expected] of want.entries()) {
    const ours = OWN_WORDS.reduce((text, [, own, name]) => text.replace(own, name), got[i] ?? '(no such line)');
    comparison.same(`log_lines[${i}]`, ours.replace(MEASURED, '$1: N'), expected.replace(MEASURED, '$1: N'));
    const limit = lines.limit(iterationOf(expected, lines.epochLength));
    const measured = [...ours.matchAll(MEASURED)];
    for (const [k, [, name, value, decimals]] of [...expected.matchAll(MEASURED)].entries()) {
      const rounding = 10 ** -(decimals?.length ?? 0);
      const error = Math.abs(Number(measured[k]?.[2]) - Number(value));
      if (!(error <= rounding * 1.001 + limit)) comparison.report(`log_lines[${i}] ${name}`, measured[k]?.[2], value);
    }
  }
  if (got.length > want.length) comparison.report('log_lines', got.slice(want.length).join(' | '), 'no more lines');
}

/** Index of the training iteration a line is about; 0 where it is about none. */
function iterationOf(line: string, epochLength: number): number {
  const iter = ITER_HEADER.exec(line);
  if (iter !== null) return Number(iter[1]) - 1;
  const epoch = EPOCH_HEADER.exec(line);
  return epoch === null ? 0 : (Number(epoch[1]) - 1) * epochLength + Number(epoch[2]) - 1;
}
