/** The line search of PyTorch's LBFGS (after Schmidt's minFunc): brackets a step that satisfies the strong Wolfe conditions, then zooms in. */

/** One point on the line: step length, value, gradient and slope along the direction. */
export interface LinePoint {
  readonly t: number;
  readonly loss: number;
  readonly grad: Float64Array;
  readonly slope: number;
}

export interface LineSearch {
  /** Evaluates the function at a step length. */
  at(t: number): Promise<LinePoint>;
  /** Step length 0. */
  readonly start: LinePoint;
  /** Tried first. */
  readonly first: number;
  /** Largest magnitude in the direction. */
  readonly reach: number;
  readonly toleranceChange: number;
  readonly maxTrials: number;
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;

/** The best point found, and how often the function was evaluated. */
export async function strongWolfe(search: LineSearch): Promise<{ readonly point: LinePoint; readonly evals: number }> {
  const { ends, trials, done } = await bracket(search);
  return done ? { point: ends[0], evals: trials + 1 } : zoom(search, ends, trials);
}

type Ends = readonly [LinePoint, LinePoint];

async function bracket(search: LineSearch): Promise<{ ends: Ends; trials: number; done: boolean }> {
  const { start, maxTrials } = search;
  let previous = start;
  let point = await search.at(search.first);
  for (let trials = 0; trials < maxTrials; trials++) {
    const tooHigh = rises(start, point) || (trials > 1 && point.loss >= previous.loss);
    if (tooHigh) return { ends: [previous, point], trials, done: false };
    if (flat(start, point)) return { ends: [point, point], trials, done: true };
    if (point.slope >= 0) return { ends: [previous, point], trials, done: false };
    const bounds = [point.t + 0.01 * (point.t - previous.t), point.t * 10] as const;
    const next = cubicMinimum(previous, point, bounds);
    previous = point;
    point = await search.at(next);
  }
  return { ends: [start, point], trials: maxTrials, done: false };
}

async function zoom(
  search: LineSearch,
  ends: Ends,
  begun: number,
): Promise<{ readonly point: LinePoint; readonly evals: number }> {
  const { start, maxTrials, reach, toleranceChange } = search;
  let trials = begun;
  let slow = false;
  const pair = [...ends] as [LinePoint, LinePoint];
  let low: 0 | 1 = pair[0].loss <= pair[1].loss ? 0 : 1;
  while (trials < maxTrials && Math.abs(pair[1].t - pair[0].t) * reach >= toleranceChange) {
    const trial = insideOf(pair, slow);
    slow = trial.slow;
    const point = await search.at(trial.t);
    trials += 1;
    const high: 0 | 1 = low === 0 ? 1 : 0;
    if (rises(start, point) || point.loss >= pair[low].loss) {
      pair[high] = point;
      low = pair[0].loss <= pair[1].loss ? 0 : 1;
      continue;
    }
    const done = flat(start, point);
    if (!done && point.slope * (pair[high].t - pair[low].t) >= 0) pair[high] = pair[low];
    pair[low] = point;
    if (done) break;
  }
  return { point: pair[low], evals: trials + 1 };
}

/** A step length between two ends, kept off them by a tenth of the bracket when the search makes little progress. */
function insideOf(pair: Ends, slow: boolean): { readonly t: number; readonly slow: boolean } {
  const t = cubicMinimum(pair[0], pair[1]);
  const [least, most] = [Math.min(pair[0].t, pair[1].t), Math.max(pair[0].t, pair[1].t)];
  const margin = 0.1 * (most - least);
  if (!(Math.min(most - t, t - least) < margin)) return { t, slow: false };
  if (!slow && t < most && t > least) return { t, slow: true };
  return { t: Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin, slow: false };
}

const rises = (start: LinePoint, { t, loss }: LinePoint): boolean => loss > start.loss + DECREASE * t * start.slope;
const flat = (start: LinePoint, { slope }: LinePoint): boolean => Math.abs(slope) <= -CURVATURE * start.slope;

/** Where the cubic through two values and slopes is least, within bounds; their middle where it has no minimum. */
function cubicMinimum(
  a: LinePoint,
  b: LinePoint,
  [least, most]: readonly [number, number] = [Math.min(a.t, b.t), Math.max(a.t, b.t)],
): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const [near, far] = a.t <= b.t ? [a, b] : [b, a];
  const position = far.t - (far.t - near.t) * ((far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2));
  return Math.min(Math.max(position, least), most);
}
