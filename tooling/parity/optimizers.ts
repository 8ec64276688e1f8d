import { readFile } from 'node:fs/promises';
import { type HostArray, type ParameterLike, tensorScope } from '@engine/core';
import { freshLBFGSState, lbfgsStep, type Optimizer } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { decode, type GoldenTensor } from './harness/tensors.js';
import { classOf, parameterOf } from './optimizers/classes.js';
import { Comparison } from './optimizers/comparison.js';
import { camel, type Fields, optionsOf, refusal, resultOf } from './optimizers/python.js';
import { withReferenceRoot } from './optimizers/reference-root.js';

const SMALLEST = 1e-3;
/** Rules that take the root of every element. */
const ROOTED = new Set(['Adam', 'AdamW', 'NAdam', 'RAdam', 'Adagrad', 'Adadelta', 'RMSprop']);
const LBFGS_TOLERANCE = 1e-8;

interface Case {
  readonly id: string;
  readonly optimizer: string;
  readonly args: Fields;
  readonly groups: readonly (Fields & { readonly index: readonly number[] })[] | null;
  readonly data: number;
  readonly raises: { readonly type: string } | null;
  readonly params_after_step: readonly (readonly GoldenTensor[])[];
  readonly final_params_float64: readonly GoldenTensor[];
  readonly state: Readonly<Record<string, Readonly<Record<string, GoldenTensor>>>>;
  readonly state_keys: readonly string[];
  readonly param_groups: readonly Fields[];
  readonly max_rel_err_vs_float64: number;
}

interface LBFGSCase {
  readonly args: Fields;
  readonly objective: string;
  readonly A: GoldenTensor;
  readonly b: GoldenTensor;
  readonly x0: GoldenTensor;
  readonly calls: readonly {
    readonly x: GoldenTensor;
    readonly returned_loss: number;
    readonly func_evals: number;
    readonly n_iter: number;
  }[];
}

interface Golden {
  readonly inputs: readonly {
    readonly params: readonly GoldenTensor[];
    readonly grads: readonly (readonly (GoldenTensor | null)[])[];
  }[];
  readonly defaults?: Readonly<Record<string, Fields>>;
  readonly cases?: readonly Case[];
  readonly lbfgs?: readonly LBFGSCase[];
}

/** Optimizers: parameters after every step, final state and groups, defaults, refusals; LBFGS in float64. */
export const area: ParityArea = {
  name: 'optimizers',
  tolerance:
    'relative to |x| + 1e-3: 1e-6 + 10 times the distance of PyTorch from its own double run, with our square root or with its own; LBFGS 1e-8',
  context: ['inputs'],
  async *replay(file) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const [name, fields] of Object.entries(golden.defaults ?? {})) yield replayDefaults(name, fields);
    for (const one of golden.cases ?? []) yield await replayWithEitherRoot(one, golden);
    for (const [i, one] of (golden.lbfgs ?? []).entries())
      yield await resultOf(`lbfgs[${i}]`, () => replayLBFGS(`lbfgs[${i}]`, one));
  },
};

function finished(id: string, { fault, maxError }: Comparison): ReplayResult {
  return fault === undefined ? { id, ok: true, maxError } : { id, ok: false, maxError, error: fault };
}

function replayDefaults(name: string, fields: Fields): ReplayResult {
  const id = `defaults.${name}`;
  const Optimizer = classOf(name);
  if (Optimizer === undefined) return { id, ok: false, error: `there is no ${name}` };
  const param = parameterOf('p', Float32Array.of(0), [1]);
  const optimizer = new Optimizer([param], {});
  const compare = new Comparison(0, SMALLEST);
  compare.exact(id, optimizer.defaults, fieldsOf(name, fields));
  optimizer.dispose();
  param.value.dispose();
  return finished(id, compare);
}

/** The fields of a group under our names. AdamW is the class that decouples, so it has no field that says so; ours of Lion is a field where the reference keeps it apart. */
function fieldsOf(name: string, fields: Fields): Record<string, unknown> {
  const { decoupledWeightDecay, ...rest } = optionsOf(fields);
  if (name === 'AdamW' && decoupledWeightDecay === true) return rest;
  if (name === 'Lion') return { ...rest, decoupledWeightDecay: false };
  return decoupledWeightDecay === undefined ? rest : { ...rest, decoupledWeightDecay };
}

/**
 * Replays a case as it is, and once more with the reference's square root where it fails: a parameter on its way through zero shows single
 * units in the last place of the larger values that it comes from.
 */
async function replayWithEitherRoot(one: Case, golden: Golden): Promise<ReplayResult> {
  const replay = (): Promise<ReplayResult> => resultOf(one.id, () => replayCase(one, golden));
  const plain = await replay();
  if (plain.ok || !ROOTED.has(one.optimizer)) return plain;
  const again = await withReferenceRoot(replay);
  return again.ok ? { ...again, remark: `agrees with the reference's square root; with ours: ${plain.error}` } : plain;
}

async function replayCase(golden: Case, { inputs }: Golden): Promise<ReplayResult> {
  const { id, raises, groups } = golden;
  const Optimizer = classOf(golden.optimizer);
  if (Optimizer === undefined) return { id, ok: false, error: `there is no ${golden.optimizer}` };
  const input = inputs[golden.data];
  const params = (input?.params ?? []).map((tensor, i) =>
    parameterOf(`p${i}`, decode(tensor).data as Float32Array, tensor.shape),
  );
  let optimizer: Optimizer | undefined;
  const make = (): Optimizer => {
    const given = groups?.map(({ index, ...fields }) => ({
      params: index.map((i) => params[i] as ParameterLike),
      ...optionsOf(fields),
    }));
    return new Optimizer(given ?? params, optionsOf(golden.args));
  };
  try {
    if (raises !== null) {
      return await refusal(id, raises.type, () => {
        optimizer = make();
      });
    }
    optimizer = make();
    const compare = new Comparison(1e-6 + 10 * golden.max_rel_err_vs_float64, SMALLEST);
    for (const [step, expected] of golden.params_after_step.entries()) {
      applyGradients(optimizer, input?.grads[step] ?? []);
      for (const [i, want] of expected.entries()) {
        const got = (await params[i]?.value.data()) as Float32Array;
        compare.numbers(`params_after_step[${step}][${i}]`, got, decode(want).data as Float32Array);
      }
    }
    await compareState(compare, optimizer, golden);
    return finished(id, compare);
  } finally {
    optimizer?.dispose();
    for (const param of params) param.value.dispose();
  }
}

function applyGradients(optimizer: Optimizer, grads: readonly (GoldenTensor | null)[]): void {
  tensorScope(() => {
    const given = grads.flatMap((grad, i): [string, tf.Tensor][] =>
      grad === null
        ? []
        : [[`p${i}`, tf.tensor((decode(grad).data as Float32Array).slice(), [...grad.shape], 'float32')]],
    );
    optimizer.apply(new Map(given));
  });
}

async function compareState(compare: Comparison, optimizer: Optimizer, golden: Case): Promise<void> {
  const { tensors, paramGroups } = await optimizer.stateDict();
  const order = golden.groups?.flatMap((group) => group.index) ?? [0, 1, 2];
  const want = new Map(
    Object.entries(golden.state).flatMap(([place, slots]) =>
      Object.entries(slots).map(([slot, value]) => [`${camel(slot)}/p${order[Number(place)]}`, value] as const),
    ),
  );
  compare.exact('state', [...tensors.keys()].sort(), [...want.keys()].sort());
  for (const [name, encoded] of want)
    compare.numbers(`state ${name}`, floats(tensors.get(name)), floats(decode(encoded)));
  compare.exact('param_groups', paramGroups.length, golden.param_groups.length);
  for (const [i, group] of golden.param_groups.entries()) {
    const { params: _names, ...ours } = paramGroups[i] ?? {};
    const { params: _indices, ...theirs } = fieldsOf(golden.optimizer, group);
    compare.exact(`param_groups[${i}]`, ours, theirs);
  }
}

function floats(array: HostArray | undefined): number[] {
  return array === undefined ? [] : Array.from<number | bigint, number>(array.data, Number);
}

const OBJECTIVE = 'sum((A x - b)^2) + 0.1 * sum(x^4)';

async function replayLBFGS(id: string, golden: LBFGSCase): Promise<ReplayResult> {
  if (golden.objective !== OBJECTIVE) return { id, ok: false, error: `unknown objective ${golden.objective}` };
  const LBFGS = classOf('LBFGS');
  const param = parameterOf('x', Float32Array.of(0), [1]);
  const compare = new Comparison(LBFGS_TOLERANCE, 0);
  try {
    const {
      maximize: _descends,
      maxEval,
      ...fields
    } = new (LBFGS as NonNullable<typeof LBFGS>)([param], optionsOf(golden.args)).defaults as unknown as Parameters<
      typeof lbfgsStep
    >[2]['settings'] & { maximize: boolean };
    const settings = { ...fields, maxEval: maxEval ?? Math.floor((fields.maxIter * 5) / 4) };
    const state = freshLBFGSState();
    let x = decode(golden.x0).data as Float64Array;
    for (const [i, call] of golden.calls.entries()) {
      const step = await lbfgsStep(x, objectiveOf(golden), { state, settings });
      x = step.x;
      compare.numbers(`calls[${i}].x`, x, decode(call.x).data as Float64Array);
      compare.numbers(`calls[${i}].returned_loss`, [step.loss], [call.returned_loss]);
      compare.exact(`calls[${i}]`, [state.funcEvals, state.nIter], [call.func_evals, call.n_iter]);
    }
    return finished(id, compare);
  } finally {
    param.value.dispose();
  }
}

function objectiveOf({ A, b }: LBFGSCase): (x: Float64Array) => { loss: number; grad: Float64Array } {
  const matrix = decode(A).data as Float64Array;
  const target = decode(b).data as Float64Array;
  return (x) => {
    const grad = x.map((value) => 0.4 * value ** 3);
    let loss = x.reduce((sum, value) => sum + 0.1 * value ** 4, 0);
    for (const [row, wanted] of target.entries()) {
      const weights = matrix.subarray(row * x.length, (row + 1) * x.length);
      const residual = weights.reduce((sum, weight, i) => sum + weight * (x[i] as number), -wanted);
      loss += residual ** 2;
      for (const [i, weight] of weights.entries()) grad[i] = (grad[i] as number) + 2 * residual * weight;
    }
    return { loss, grad };
  };
}
