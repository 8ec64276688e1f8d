import type { Golden, GoldenRun } from './golden.js';
import type { Recording } from './recording.js';

const VAL_LINE = /(?:Epoch|Iter)\(val\) /;
const FIRST_LINE = /Checkpoints will be saved to /;

/**
 * A checkpoint may have been saved after an iteration and before the validation that was due there. Ours remembers that and validates
 * first when it is resumed, so that the whole has every validation of an uninterrupted run; the reference leaves it out. Where ours has
 * done so, what the golden run that was broken off tells of this validation is expected at the front of the resumed one.
 * Undefined where nothing was due.
 */
export function withDueValidation(ours: Recording, run: GoldenRun, golden: Golden): GoldenRun | undefined {
  const start = run.iters[0]?.iter;
  const first = golden.runs?.find(({ name, resumed }) => name === run.name && !resumed);
  const isAhead = ours.vals[0]?.iter === start && run.val[0]?.iter !== start;
  if (!run.resumed || !isAhead || first === undefined) return undefined;
  const at = first.val.findIndex(({ iter }) => iter === start);
  const val = first.val[at];
  const line = first.log_lines.filter((candidate) => VAL_LINE.test(candidate))[at];
  const row = first.scalars.filter(({ iter }) => iter === undefined)[at];
  if (val === undefined || line === undefined || row === undefined) return undefined;
  const vals = [val, ...run.val];
  return {
    ...run,
    val: vals,
    log_lines: run.log_lines.flatMap((each) => (FIRST_LINE.test(each) ? [each, line] : [each])),
    scalars: [row, ...run.scalars],
    message_hub: { ...run.message_hub, log_scalars: withOneMore(run) },
    ...(run.learning && { learning: { ...run.learning, distinct_val_accuracies: distinct(vals) } }),
  };
}

/** What the hub has counted of validations, with one more. */
function withOneMore({ message_hub: { log_scalars }, val }: GoldenRun): GoldenRun['message_hub']['log_scalars'] {
  const name = Object.keys(val[0]?.metrics ?? {})[0];
  const done = log_scalars[`val/${name}`]?.count ?? 0;
  return Object.fromEntries(
    Object.entries(log_scalars).map(([key, { count, last }]) => [
      key,
      { count: key.startsWith('val/') ? (count / done) * (done + 1) : count, last },
    ]),
  );
}

function distinct(vals: GoldenRun['val']): number {
  return new Set(vals.map(({ metrics }) => metrics['val/accuracy'])).size;
}
