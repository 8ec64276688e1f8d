import { TorchGenerator } from '@engine/core';
import * as model from '@engine/model';
import { type Allowed, absolute, type Comparison, type Encoded, ulp } from './comparison.js';

export interface InitCase {
  readonly id: string;
  readonly kind: string;
  readonly seed: number;
  readonly shape: readonly number[];
  readonly args: Args;
  readonly values: Encoded;
}
interface Args extends model.KaimingOptions {
  readonly b?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly gain?: number;
  readonly val?: number;
  readonly value?: number;
  readonly groups?: number;
  readonly sparsity?: number;
}

/** torch.nn.init and mmengine.model: name → our initialiser of the recorded arguments. */
const initializers: Readonly<Record<string, (args: Args) => model.Initializer>> = {
  uniform: ({ a, b }) => model.uniform(a, b),
  normal: ({ mean, std }) => model.normal(mean, std),
  constant: ({ val, value }) => model.constant(val ?? value ?? 0),
  ones: () => model.constant(1),
  zeros: () => model.constant(0),
  eye: () => model.eye(),
  dirac: ({ groups }) => model.dirac(groups),
  orthogonal: ({ gain }) => model.orthogonal(gain),
  sparse: ({ sparsity, std }) => model.sparse(sparsity ?? 0, std),
  kaiming_uniform: (args) => model.kaimingUniform(args),
  kaiming_normal: (args) => model.kaimingNormal(args),
  xavier_uniform: ({ gain }) => model.xavierUniform(gain),
  xavier_normal: ({ gain }) => model.xavierNormal(gain),
  trunc_normal_torch: (args) => model.truncNormal({ ...args, method: 'rejection' }),
  trunc_normal_mmengine: (args) => model.truncNormal(args),
  caffe2_xavier: () => model.kaimingUniform({ a: 1, mode: 'fan_in', nonlinearity: 'leaky_relu' }),
};

export function checkInit({ kind: name, args, seed, shape, values }: InitCase, compare: Comparison): void {
  const kind = name.replace(/_$/, '');
  const make = initializers[kind];
  if (make === undefined) throw new Error(`no replay of initialiser ${name}`);
  compare.check('values', make(args)(shape, new TorchGenerator(seed)), values, allowedFor(kind, args));
}

function allowedFor(kind: string, { std, gain }: Args): Allowed {
  if (kind === 'orthogonal') return absolute(2e-5 * (gain ?? 1));
  if (/uniform|caffe2/.test(kind)) return ulp('float32');
  return /normal|sparse/.test(kind) ? absolute(2e-6 * (std ?? 1)) : 'exact';
}
