import { strongWolfe } from './strong-wolfe.js';
import { dot, largest, plus, scaled } from './vectors.js';

/** Value and gradient of a function of one vector. The gradient must not change afterwards. */
export interface Evaluation {
  readonly loss: number;
  readonly grad: Float64Array;
}

/** A function to minimise. It is given a vector that it must not keep or change. */
export type FlatClosure = (x: Float64Array) => Evaluation | Promise<Evaluation>;

/** The options of `LBFGS`, defaults filled in. */
export interface FlatLBFGSSettings {
  readonly lr: number;
  readonly maxIter: number;
  readonly maxEval: number;
  readonly toleranceGrad: number;
  readonly toleranceChange: number;
  readonly historySize: number;
  readonly lineSearchFn: 'strong_wolfe' | null;
}

/** What goes from one step to the next. */
export interface FlatLBFGSState {
  funcEvals: number;
  nIter: number;
  /** The last direction and the length of the step along it. */
  direction: Float64Array | undefined;
  t: number;
  /** Differences of gradients, steps, and the reciprocals of their products; oldest first. */
  history: { readonly y: Float64Array; readonly s: Float64Array; readonly ro: number }[];
  hDiag: number;
  prevGrad: Float64Array | undefined;
  prevLoss: number;
}

export const freshLBFGSState = (): FlatLBFGSState => ({
  funcEvals: 0,
  nIter: 0,
  direction: undefined,
  t: 0,
  history: [],
  hDiag: 1,
  prevGrad: undefined,
  prevLoss: 0,
});

const SMALLEST_CURVATURE = 1e-10;

/** Where a step has ended, and the value where it began. */
export interface FlatStep {
  readonly x: Float64Array;
  readonly loss: number;
}

/**
 * One step of L-BFGS (up to `maxIter` iterations) in float64 on the host, as PyTorch's: same iterates, evaluations and stopping rules.
 * Moves `state` on.
 */
export async function lbfgsStep(
  start: Float64Array,
  evaluate: FlatClosure,
  { state, settings }: { readonly state: FlatLBFGSState; readonly settings: FlatLBFGSSettings },
): Promise<FlatStep> {
  const { toleranceGrad, toleranceChange, maxIter, maxEval, lr } = settings;
  const first = await evaluate(start);
  state.funcEvals += 1;
  let { loss, grad } = first;
  let x = start;
  let evals = 1;
  if (largest(grad) <= toleranceGrad) return { x, loss: first.loss };
  for (let iteration = 1; iteration <= maxIter; iteration++) {
    state.nIter += 1;
    const direction = nextDirection(state, grad, settings.historySize);
    state.direction = direction;
    state.prevGrad = grad;
    state.prevLoss = loss;
    state.t = state.nIter === 1 ? Math.min(1, 1 / grad.reduce((sum, value) => sum + Math.abs(value), 0)) * lr : lr;
    const slope = dot(grad, direction);
    if (slope > -toleranceChange) break;
    const move = await moveAlong({ x, direction, loss, grad, slope }, evaluate, {
      settings,
      first: state.t,
      trials: maxEval - evals,
      isLast: iteration === maxIter,
    });
    ({ x, loss, grad } = move);
    state.t = move.t;
    evals += move.evals;
    state.funcEvals += move.evals;
    if (evals >= maxEval || largest(grad) <= toleranceGrad) break;
    if (largest(direction) * Math.abs(state.t) <= toleranceChange) break;
    if (Math.abs(loss - state.prevLoss) < toleranceChange) break;
  }
  return { x, loss: first.loss };
}

interface Place {
  readonly x: Float64Array;
  readonly direction: Float64Array;
  readonly loss: number;
  readonly grad: Float64Array;
  /** Of the function along the direction. */
  readonly slope: number;
}

interface Move {
  readonly settings: FlatLBFGSSettings;
  readonly first: number;
  readonly trials: number;
  /** Nobody needs the value where it ends. */
  readonly isLast: boolean;
}

async function moveAlong(
  { x, direction, loss, grad, slope }: Place,
  evaluate: FlatClosure,
  { settings, first, trials, isLast }: Move,
): Promise<Evaluation & { readonly x: Float64Array; readonly t: number; readonly evals: number }> {
  if (settings.lineSearchFn === null) {
    const moved = plus(x, direction, first);
    if (isLast) return { x: moved, loss, grad, t: first, evals: 0 };
    return { x: moved, t: first, evals: 1, ...(await evaluate(moved)) };
  }
  const { point, evals } = await strongWolfe({
    at: async (t) => {
      const found = await evaluate(plus(x, direction, t));
      return { t, ...found, slope: dot(found.grad, direction) };
    },
    start: { t: 0, loss, grad, slope },
    first,
    reach: largest(direction),
    toleranceChange: settings.toleranceChange,
    maxTrials: trials,
  });
  return { x: plus(x, direction, point.t), loss: point.loss, grad: point.grad, t: point.t, evals };
}

/** Takes in what the last move has taught of the curvature; returns where to go from here. */
function nextDirection(state: FlatLBFGSState, grad: Float64Array, historySize: number): Float64Array {
  const { direction, prevGrad, history } = state;
  if (state.nIter === 1 || direction === undefined || prevGrad === undefined) {
    state.history = [];
    state.hDiag = 1;
    return scaled(grad, -1);
  }
  const y = plus(grad, prevGrad, -1);
  const s = scaled(direction, state.t);
  const curvature = dot(y, s);
  if (curvature > SMALLEST_CURVATURE) {
    if (history.length === historySize) history.shift();
    history.push({ y, s, ro: 1 / curvature });
    state.hDiag = curvature / dot(y, y);
  }
  return twoLoops(history, grad, state.hDiag);
}

/** The inverse Hessian that the history stands for, times the opposite of the gradient. */
function twoLoops(history: FlatLBFGSState['history'], grad: Float64Array, hDiag: number): Float64Array {
  let q = scaled(grad, -1);
  const shares = history.map(() => 0);
  for (let i = history.length - 1; i >= 0; i--) {
    const { y, s, ro } = history[i] as FlatLBFGSState['history'][number];
    shares[i] = dot(s, q) * ro;
    q = plus(q, y, -(shares[i] as number));
  }
  let direction = scaled(q, hDiag);
  for (const [i, { y, s, ro }] of history.entries())
    direction = plus(direction, s, (shares[i] as number) - dot(y, direction) * ro);
  return direction;
}
