import { createHash } from 'node:crypto';
import { type Module, type Parameter, toTorchLayout, upload } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { decode, type GoldenTensor } from '../harness/tensors.js';
import type { Comparison } from './comparison.js';
import { loadTorch, torchValues } from './layout.js';
import { type Args, construct, optionsOf } from './subjects.js';

type Tensors = Readonly<Record<string, GoldenTensor>>;

/** A module with weights, called once, and its backward pass; see `tooling/golden/record_modules.py`. */
export interface ModuleCase {
  readonly id: string;
  readonly module: string;
  readonly args: readonly unknown[];
  readonly options: Args;
  readonly training: boolean;
  readonly seed: number;
  /** SHA-256 of the weights that PyTorch draws with that seed. */
  readonly init: string;
  readonly state: Tensors;
  readonly inputs: readonly (GoldenTensor | null)[];
  readonly call: Readonly<Record<string, unknown>>;
  readonly outputs: readonly GoldenTensor[];
  readonly output_grads: readonly GoldenTensor[];
  readonly input_grads: readonly (GoldenTensor | null)[];
  readonly state_grads: Tensors;
}

type Callable = Module & { forward(...args: readonly unknown[]): unknown };

export async function replayModule(golden: ModuleCase, compare: Comparison): Promise<void> {
  const module = build(golden).train(golden.training);
  try {
    module.initWeights(golden.seed);
    compare.exact('names of the state', [...(await module.stateDict()).keys()], Object.keys(golden.state));
    compare.exact('initial weights', await hashOf(module), golden.init);
    for (const [name, parameter] of module.namedParameters()) loadTorch(parameter, golden.state[name] as GoldenTensor);
    tf.tidy(() => replay(golden, module, compare));
  } finally {
    module.dispose();
  }
}

function build({ module, args, options }: ModuleCase): Callable {
  if (module !== 'TransformerEncoder' && module !== 'TransformerDecoder')
    return construct(module, ...args, optionsOf(options)) as unknown as Callable;
  const [width, heads, layers] = args;
  const { final_norm, ...rest } = options;
  const layer = construct(`${module}Layer`, width, heads, optionsOf(rest));
  const norm = final_norm === true ? construct('LayerNorm', width) : undefined;
  return construct(module, layer, layers, norm === undefined ? {} : { norm }) as unknown as Callable;
}

async function hashOf(module: Module): Promise<string> {
  const hash = createHash('sha256');
  const state = await module.stateDict();
  for (const [name, { shape, torchLayout }] of module.namedParameters()) {
    const values = toTorchLayout(state.get(name)?.data as Float32Array, shape, torchLayout);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

function replay(golden: ModuleCase, module: Callable, compare: Comparison): void {
  const inputs = golden.inputs.map((input, i) => {
    if (input === null) return undefined;
    const tensor = upload(decode(input));
    return golden.input_grads[i] === null ? tensor : tf.variable(tensor);
  });
  const variables = inputs.filter((input): input is tf.Variable => input instanceof tf.Variable);
  const parameters = [...module.namedParameters()].filter(([name]) => name in golden.state_grads);
  try {
    let outputs: tf.Tensor[] = [];
    const weights = [...variables, ...parameters.map(([, { value }]) => value)];
    const { grads } = tf.variableGrads(() => {
      outputs = tensorsIn(module.apply(...operands(golden, inputs))).map((output) => tf.keep(output));
      const parts = outputs.map((y, i) => tf.sum(tf.mul(y, upload(decode(golden.output_grads[i] as GoldenTensor)))));
      return tf.addN(parts) as tf.Scalar;
    }, weights);
    compare.exact('number of outputs', outputs.length, golden.outputs.length);
    for (const [i, expected] of golden.outputs.entries()) {
      compare.exact(`shape ${i}`, outputs[i]?.shape, expected.shape);
      compare.tensor(`output ${i}`, outputs[i]?.dataSync() ?? [], expected);
    }
    for (const [i, expected] of golden.input_grads.entries()) {
      if (expected === null) continue;
      compare.tensor(`d input ${i}`, (grads[(inputs[i] as tf.Variable).name] as tf.Tensor).dataSync(), expected);
    }
    compareGradients(golden, new Map(parameters), { grads, compare });
    tf.dispose(outputs);
  } finally {
    tf.dispose(variables);
  }
}

function compareGradients(
  { state_grads }: ModuleCase,
  parameters: ReadonlyMap<string, Parameter>,
  { grads, compare }: { readonly grads: tf.NamedTensorMap; readonly compare: Comparison },
): void {
  compare.exact('names of gradients', [...parameters.keys()], Object.keys(state_grads));
  for (const [name, parameter] of parameters) {
    const gradient = grads[parameter.value.name] as tf.Tensor;
    compare.tensor(`d ${name}`, torchValues(gradient, parameter), state_grads[name] as GoldenTensor);
  }
}

/** Positional arguments; keyword arguments become one object at the end. */
function operands({ module, call }: ModuleCase, inputs: readonly (tf.Tensor | undefined)[]): unknown[] {
  const given = inputs.filter((input) => input !== undefined);
  const options = Object.entries(optionsOf(call)).map(([name, value]) => [
    name,
    typeof value === 'object' ? upload(decode(value as GoldenTensor)) : value,
  ]);
  const [x, ...state] = given;
  const positional = ['LSTM', 'LSTMCell'].includes(module) && state.length === 2 ? [x, state] : given;
  return options.length === 0 ? positional : [...positional, Object.fromEntries(options)];
}

function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  return Array.isArray(value) ? value.flatMap(tensorsIn) : [];
}
