/** Golden op → our layer or loss. Classes and functions are looked up by name: one that does not exist fails its cases alone. */
import * as model from '@engine/model';
import type * as tf from '@tensorflow/tfjs-core';

export type Args = Readonly<Record<string, unknown>>;
export type Inputs = Readonly<Record<string, tf.Tensor>>;
type Shapes = Readonly<Record<string, readonly number[]>>;
export type Layer = model.Module & { forward(x: tf.Tensor): tf.Tensor };

type TwoOperands = model.Module & { forward(x: tf.Tensor, other?: tf.Tensor): tf.Tensor };

export interface Subject {
  /** Holds the inputs of its parameters' names. */
  readonly layer?: Layer;
  run(inputs: Inputs): tf.Tensor;
  /** Inputs whose axis 1 is channels or classes. */
  readonly channels: readonly string[];
  /** The output has that axis as well. */
  readonly channelsOut: boolean;
}

const exported = new Map<string, unknown>(Object.entries(model));

function named(name: string): unknown {
  const value = exported.get(name);
  if (value === undefined) throw new Error(`there is no ${name} yet`);
  return value;
}

export function construct(name: string, ...args: readonly unknown[]): Layer {
  return new (named(name) as new (...args: readonly unknown[]) => Layer)(...args);
}

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Python's keyword arguments as our options; null is what is left out. */
export function optionsOf(args: Args): Args {
  const given = Object.entries(args).filter(([, value]) => value !== null);
  return Object.fromEntries(given.map(([name, value]) => [camelCase(name), value]));
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  celu: 'CELU',
  elu: 'ELU',
  gelu: 'GELU',
  gelu_tanh: 'GELU',
  glu: 'GLU',
  hardshrink: 'Hardshrink',
  hardsigmoid: 'Hardsigmoid',
  hardswish: 'Hardswish',
  hardtanh: 'Hardtanh',
  leaky_relu: 'LeakyReLU',
  logsigmoid: 'LogSigmoid',
  mish: 'Mish',
  relu: 'ReLU',
  relu6: 'ReLU6',
  selu: 'SELU',
  sigmoid: 'Sigmoid',
  silu: 'SiLU',
  softplus: 'Softplus',
  softmin: 'Softmin',
  softshrink: 'Softshrink',
  softsign: 'Softsign',
  tanh: 'Tanh',
  tanhshrink: 'Tanhshrink',
  threshold: 'Threshold',
};

function activation({ name, ...args }: Args): Layer {
  const options = optionsOf(args);
  if (name === 'threshold') return construct('Threshold', options['threshold'], options['value']);
  const extra = name === 'gelu_tanh' ? { approximate: 'tanh' } : {};
  return construct(ACTIVATIONS[String(name)] ?? String(name), { ...options, ...extra });
}

type LayerOf = (args: Args, shapes: Shapes) => Layer;

const convolution =
  (name: string): LayerOf =>
  (args, { weight = [], bias }) => {
    const [out = 0, inputs = 0, ...kernel] = weight;
    const groups = Number(args['groups'] ?? 1);
    return construct(name, inputs * groups, out, kernelOf(kernel), { ...optionsOf(args), bias: bias !== undefined });
  };

const transposedConvolution =
  (name: string): LayerOf =>
  (args, { weight = [], bias }) => {
    const [inputs = 0, out = 0, ...kernel] = weight;
    const groups = Number(args['groups'] ?? 1);
    return construct(name, inputs, out * groups, kernelOf(kernel), { ...optionsOf(args), bias: bias !== undefined });
  };

/** One axis is a number. */
const kernelOf = (kernel: readonly number[]): number | readonly number[] =>
  kernel.length === 1 ? (kernel[0] ?? 0) : kernel;

const pool =
  (name: string): LayerOf =>
  ({ kernel_size, ...args }) =>
    construct(name, kernel_size, optionsOf(args));

const adaptivePool =
  (name: string): LayerOf =>
  ({ output_size }) =>
    construct(name, output_size);

const lpPool =
  (name: string): LayerOf =>
  ({ norm_type, kernel_size, ...args }) =>
    construct(name, norm_type, kernel_size, optionsOf(args));

const PADS: Readonly<Record<string, string>> = {
  constant: 'ConstantPad',
  reflect: 'ReflectionPad',
  replicate: 'ReplicationPad',
  circular: 'CircularPad',
};

/** A pool and what undoes it. */
class PoolAndUnpool extends model.Module {
  readonly pool: Layer & { withIndices(x: tf.Tensor): readonly [tf.Tensor, tf.Tensor] };
  readonly unpool: Layer & { forward(x: tf.Tensor, indices: tf.Tensor, size: readonly number[]): tf.Tensor };

  constructor(axes: number, { kernel_size, ...args }: Args) {
    super();
    this.pool = construct(`MaxPool${axes}d`, kernel_size, optionsOf(args)) as PoolAndUnpool['pool'];
    this.unpool = construct(`MaxUnpool${axes}d`, kernel_size, optionsOf(args)) as PoolAndUnpool['unpool'];
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.unpool.apply(...this.pool.withIndices(x), x.shape.slice(1, -1));
  }
}

const padding: LayerOf = ({ pad, mode, value = 0 }, { x = [] }) =>
  construct(`${PADS[String(mode)]}${x.length - 2}d`, pad, ...(mode === 'constant' ? [value] : []));

/** Layers of (N, C, ...). */
const spatial: Readonly<Record<string, LayerOf>> = {
  conv1d: convolution('Conv1d'),
  conv2d: convolution('Conv2d'),
  conv3d: convolution('Conv3d'),
  conv_transpose1d: transposedConvolution('ConvTranspose1d'),
  conv_transpose2d: transposedConvolution('ConvTranspose2d'),
  conv_transpose3d: transposedConvolution('ConvTranspose3d'),
  max_pool1d: pool('MaxPool1d'),
  max_pool2d: pool('MaxPool2d'),
  max_pool3d: pool('MaxPool3d'),
  avg_pool1d: pool('AvgPool1d'),
  avg_pool2d: pool('AvgPool2d'),
  avg_pool3d: pool('AvgPool3d'),
  adaptive_avg_pool1d: adaptivePool('AdaptiveAvgPool1d'),
  adaptive_avg_pool2d: adaptivePool('AdaptiveAvgPool2d'),
  adaptive_max_pool1d: adaptivePool('AdaptiveMaxPool1d'),
  adaptive_max_pool2d: adaptivePool('AdaptiveMaxPool2d'),
  adaptive_avg_pool3d: adaptivePool('AdaptiveAvgPool3d'),
  adaptive_max_pool3d: adaptivePool('AdaptiveMaxPool3d'),
  lp_pool1d: lpPool('LPPool1d'),
  lp_pool2d: lpPool('LPPool2d'),
  lp_pool3d: lpPool('LPPool3d'),
  interpolate: (args) => construct('Upsample', optionsOf(args)),
  pad: padding,
  max_unpool: (args, { x = [] }) => new PoolAndUnpool(x.length - 2, args),
  pixel_shuffle: ({ upscale_factor }) => construct('PixelShuffle', upscale_factor),
  pixel_unshuffle: ({ downscale_factor }) => construct('PixelUnshuffle', downscale_factor),
  channel_shuffle: ({ groups }) => construct('ChannelShuffle', groups),
  local_response_norm: ({ size, ...args }) => construct('LocalResponseNorm', size, optionsOf(args)),
  unfold: ({ kernel_size, ...args }) => construct('Unfold', kernel_size, optionsOf(args)),
  fold: ({ output_size, kernel_size, ...args }) => construct('Fold', output_size, kernel_size, optionsOf(args)),
  group_norm: ({ num_groups, eps }, { x = [], weight }) =>
    construct('GroupNorm', num_groups, x[1], { ...optionsOf({ eps }), affine: weight !== undefined }),
  instance_norm: (args, { x = [], weight }) =>
    construct(`InstanceNorm${x.length - 2}d`, x[1], { ...optionsOf(args), affine: weight !== undefined }),
  prelu: (_, { weight = [1] }) => construct('PReLU', { numParameters: weight[0] ?? 1 }),
};

/** Layers whose input has no channel axis to move. */
const plain: Readonly<Record<string, LayerOf>> = {
  linear: (_, { weight = [], bias }) => construct('Linear', weight[1], weight[0], { bias: bias !== undefined }),
  layer_norm: ({ normalized_shape, eps }, { weight, bias }) =>
    construct('LayerNorm', normalized_shape, {
      ...optionsOf({ eps }),
      elementwiseAffine: weight !== undefined,
      bias: bias !== undefined,
    }),
  rms_norm: ({ normalized_shape, eps }, { weight }) =>
    construct('RMSNorm', normalized_shape, { ...optionsOf({ eps }), elementwiseAffine: weight !== undefined }),
  cosine_similarity: (args) => construct('CosineSimilarity', optionsOf(args)),
  pairwise_distance: (args) => construct('PairwiseDistance', optionsOf(args)),
  embedding: (args, { weight = [] }) => construct('Embedding', weight[0], weight[1], optionsOf(args)),
  activation,
  softmax: (args) => construct('Softmax', optionsOf(args)),
  log_softmax: (args) => construct('LogSoftmax', optionsOf(args)),
};

/** Losses: our function, its tensors in order, and which of them carry classes on axis 1. Further inputs are options. */
const losses: Readonly<
  Record<string, readonly [name: string, operands: readonly string[], classes?: readonly string[]]>
> = {
  cross_entropy: ['crossEntropy', ['x', 'target'], ['x']],
  cross_entropy_prob: ['crossEntropy', ['x', 'target'], ['x', 'target']],
  bce: ['binaryCrossEntropy', ['x', 'target']],
  bce_with_logits: ['binaryCrossEntropyWithLogits', ['x', 'target']],
  mse: ['mseLoss', ['x', 'target']],
  l1: ['l1Loss', ['x', 'target']],
  smooth_l1: ['smoothL1Loss', ['x', 'target']],
  huber: ['huberLoss', ['x', 'target']],
  nll: ['nllLoss', ['x', 'target'], ['x']],
  kl_div: ['klDiv', ['x', 'target']],
  sigmoid_focal: ['sigmoidFocalLoss', ['x', 'target']],
  dice: ['diceLoss', ['x', 'target']],
  multi_margin: ['multiMarginLoss', ['x', 'target']],
  multilabel_margin: ['multilabelMarginLoss', ['x', 'target']],
  multilabel_soft_margin: ['multilabelSoftMarginLoss', ['x', 'target']],
  hinge_embedding: ['hingeEmbeddingLoss', ['x', 'target']],
  soft_margin: ['softMarginLoss', ['x', 'target']],
  poisson_nll: ['poissonNllLoss', ['x', 'target']],
  gaussian_nll: ['gaussianNllLoss', ['x', 'target', 'var']],
  margin_ranking: ['marginRankingLoss', ['x', 'other', 'target']],
  cosine_embedding: ['cosineEmbeddingLoss', ['x', 'other', 'target']],
  triplet_margin: ['tripletMarginLoss', ['x', 'positive', 'negative']],
};

type Loss = (...args: readonly unknown[]) => tf.Tensor;

function lossSubject(op: string, args: Args): Subject | undefined {
  if (op === 'ctc') return ctcSubject(args);
  const entry = losses[op];
  if (entry === undefined) return undefined;
  const [name, operands, channels = []] = entry;
  const loss = named(name) as Loss;
  const run = (inputs: Inputs): tf.Tensor => {
    const rest = Object.fromEntries(Object.entries(inputs).filter(([input]) => !operands.includes(input)));
    return loss(...operands.map((operand) => inputs[operand]), { ...optionsOf(args), ...optionsOf(rest) });
  };
  return { run, channels, channelsOut: false };
}

function ctcSubject(args: Args): Subject {
  const run = ({ x, target, input_lengths, target_lengths }: Inputs): tf.Tensor => {
    const operands = {
      logProbabilities: x,
      targets: target,
      inputLengths: input_lengths,
      targetLengths: target_lengths,
    };
    return (named('ctcLoss') as Loss)(operands, optionsOf(args));
  };
  return { run, channels: [], channelsOut: false };
}

/** @throws when nothing of ours stands for `op`. */
export function subjectOf(op: string, args: Args, shapes: Shapes): Subject {
  const loss = lossSubject(op, args);
  if (loss !== undefined) return loss;
  const isSpatial = Object.hasOwn(spatial, op);
  const create = isSpatial ? spatial[op] : plain[op];
  if (create === undefined) throw new Error(`nothing replays op ${op}`);
  const layer = create(args, shapes);
  const run = ({ x, index, other }: Inputs): tf.Tensor =>
    (layer as TwoOperands).apply((x ?? index) as tf.Tensor, ...(other === undefined ? [] : [other]));
  return { layer, run, channels: isSpatial ? ['x'] : [], channelsOut: isSpatial };
}
