export { fromTorchLayout, shapeFromTorch, shapeToTorch, toTorchLayout } from '@engine/core';
export type * from './augment/contract.js';
export type { CutMixOptions } from './augment/cut-mix.js';
export { CutMix } from './augment/cut-mix.js';
export { defineBatchAugment } from './augment/define.js';
export type { Box } from './augment/draws.js';
export { cutmix, mixup, resizemix } from './augment/mixing.js';
export type { MixupOptions } from './augment/mixup.js';
export { Mixup } from './augment/mixup.js';
export type { RandomBatchAugmentInit, RandomBatchAugmentOptions } from './augment/random-batch-augment.js';
export { RandomBatchAugment } from './augment/random-batch-augment.js';
export type { ResizeMixOptions } from './augment/resize-mix.js';
export { ResizeMix } from './augment/resize-mix.js';
export type { AveragingOptions } from './averaging/base-averaged-model.js';
export { averagingShape, BaseAveragedModel } from './averaging/base-averaged-model.js';
export type * from './averaging/contract.js';
export { defineAveragedModel } from './averaging/define-averaged-model.js';
export type {
  ExponentialMovingAverageOptions,
  MomentumAnnealingEMAOptions,
} from './averaging/exponential-moving-average.js';
export { ExponentialMovingAverage, MomentumAnnealingEMA } from './averaging/exponential-moving-average.js';
export type { StochasticWeightAverageOptions } from './averaging/stochastic-weight-average.js';
export { StochasticWeightAverage } from './averaging/stochastic-weight-average.js';
export type { BaseDataPreprocessorOptions } from './base-data-preprocessor.js';
export { BaseDataPreprocessor, baseDataPreprocessor } from './base-data-preprocessor.js';
export type { BaseModelOptions } from './base-model.js';
export { BaseModel } from './base-model.js';
export type { BaseModuleOptions } from './base-module.js';
export { BaseModule } from './base-module.js';
export type { BaseTTAModelOptions } from './base-tta-model.js';
export { BaseTTAModel } from './base-tta-model.js';
export type { BufferOptions } from './buffer.js';
export { Buffer } from './buffer.js';
export type { Extents, Pair } from './check-input.js';
export type * from './contract.js'; // by star: TypeScript merges declarations into starred re-exports only
export { defineDataPreprocessor, defineModel } from './define-model.js';
export { turnOnEfficientConvBnEval } from './efficient-conv-bn-eval.js';
export { modelErrors } from './errors.js';
export type { TorchSlot } from './from-torch.js';
export { stateFromTorch } from './from-torch.js';
export { fuseConvBn } from './fuse-conv-bn.js';
export type { ImgDataPreprocessorInit, ImgDataPreprocessorOptions } from './img-data-preprocessor.js';
export { ImgDataPreprocessor } from './img-data-preprocessor.js';
export { biasInitWithProb } from './init/base-init.js';
export type { Caffe2XavierInitOptions } from './init/caffe2-xavier-init.js';
export { Caffe2XavierInit } from './init/caffe2-xavier-init.js';
export type { ConstantInitOptions } from './init/constant-init.js';
export { ConstantInit } from './init/constant-init.js';
export type * from './init/contract.js';
export { defineWeightInitializer } from './init/define.js';
export { pretrainedCheckpoints } from './init/initialize.js';
export type { KaimingInitOptions } from './init/kaiming-init.js';
export { KaimingInit } from './init/kaiming-init.js';
export type { NormalInitOptions } from './init/normal-init.js';
export { NormalInit } from './init/normal-init.js';
export type { PretrainedInitOptions } from './init/pretrained-init.js';
export { PretrainedInit } from './init/pretrained-init.js';
export type { TruncNormalInitOptions } from './init/trunc-normal-init.js';
export { TruncNormalInit } from './init/trunc-normal-init.js';
export type { UniformInitOptions } from './init/uniform-init.js';
export { UniformInit } from './init/uniform-init.js';
export type { XavierInitOptions } from './init/xavier-init.js';
export { XavierInit } from './init/xavier-init.js';
export { InitialDraws } from './initial-draws.js';
export type { Initializer, KaimingOptions, Nonlinearity } from './initializers.js';
export {
  constant,
  fans,
  gainOf,
  kaimingNormal,
  kaimingUniform,
  normal,
  truncNormal,
  uniform,
  xavierNormal,
  xavierUniform,
} from './initializers.js';
export type { GELUOptions, SoftplusOptions } from './layers/activations.js';
export {
  GELU,
  LogSigmoid,
  Mish,
  ReLU,
  Sigmoid,
  SiLU,
  Softplus,
  Softsign,
  Tanh,
  Tanhshrink,
} from './layers/activations.js';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from './layers/adaptive-pooling.js';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, BatchNormXd, SyncBatchNorm } from './layers/batch-norm.js';
export { Bilinear } from './layers/bilinear.js';
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
} from './layers/border-padding.js';
export type { BatchNormOptions } from './layers/channel-norm.js';
export { ModuleDict, ModuleList, ParameterDict, ParameterList } from './layers/containers.js';
export type { ConvOptions } from './layers/conv.js';
export type { ConvTransposeOptions } from './layers/conv-transpose.js';
export { ConvTranspose1d, ConvTranspose2d } from './layers/conv-transpose.js';
export { ConvTranspose3d } from './layers/conv-transpose3d.js';
export type { Conv1dOptions } from './layers/conv1d.js';
export { Conv1d } from './layers/conv1d.js';
export type { Conv2dOptions } from './layers/conv2d.js';
export { Conv2d } from './layers/conv2d.js';
export type { Conv3dOptions } from './layers/conv3d.js';
export { Conv3d } from './layers/conv3d.js';
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  DropPath,
  FeatureAlphaDropout,
} from './layers/dropout.js';
export type { EmbeddingOptions } from './layers/embedding.js';
export { Embedding } from './layers/embedding.js';
export type { EmbeddingBagOptions } from './layers/embedding-bag.js';
export { EmbeddingBag } from './layers/embedding-bag.js';
export type { GroupNormOptions } from './layers/group-norm.js';
export { GroupNorm } from './layers/group-norm.js';
export type { InstanceNormOptions } from './layers/instance-norm.js';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './layers/instance-norm.js';
export type { InterpolateOptions, InterpolationMode } from './layers/interpolate.js';
export { interpolate, Upsample, UpsamplingBilinear2d, UpsamplingNearest2d } from './layers/interpolate.js';
export type { LayerNormOptions } from './layers/layer-norm.js';
export { LayerNorm } from './layers/layer-norm.js';
export type { LinearOptions } from './layers/linear.js';
export { Linear } from './layers/linear.js';
export type { LocalResponseNormOptions } from './layers/local-response-norm.js';
export { LocalResponseNorm } from './layers/local-response-norm.js';
export type { LPPoolOptions } from './layers/lp-pooling.js';
export { LPPool1d, LPPool2d, LPPool3d } from './layers/lp-pooling.js';
export type { MaxUnpoolOptions } from './layers/max-unpool.js';
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from './layers/max-unpool.js';
export type { MultiheadAttentionCall, MultiheadAttentionOptions } from './layers/multihead-attention.js';
export { MultiheadAttention } from './layers/multihead-attention.js';
export type { PaddingMode } from './layers/pad-axes.js';
export type { PaddingSizes } from './layers/padding.js';
export {
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from './layers/padding.js';
export type {
  ELUOptions,
  HardtanhOptions,
  LeakyReLUOptions,
  ShrinkOptions,
} from './layers/piecewise-activations.js';
export {
  CELU,
  ELU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  ReLU6,
  SELU,
  Softshrink,
  Threshold,
} from './layers/piecewise-activations.js';
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from './layers/pixel-shuffle.js';
export type { AvgPoolOptions, MaxPoolOptions, PoolOptions } from './layers/pooling.js';
export { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from './layers/pooling.js';
export type { LSTMOptions, RNNOptions } from './layers/recurrent.js';
export { GRU, LSTM, RNN } from './layers/recurrent.js';
export type { RecurrentOptions } from './layers/recurrent-base.js';
export type { CellOptions } from './layers/recurrent-cells.js';
export { GRUCell, LSTMCell, RNNCell } from './layers/recurrent-cells.js';
export type { RMSNormOptions } from './layers/rms-norm.js';
export { RMSNorm } from './layers/rms-norm.js';
export type { AttentionOptions } from './layers/scaled-dot-product-attention.js';
export { scaledDotProductAttention } from './layers/scaled-dot-product-attention.js';
export type { TensorModule } from './layers/sequential.js';
export { Sequential } from './layers/sequential.js';
export type { FlattenOptions } from './layers/shape-layers.js';
export { Flatten, Identity, Unflatten } from './layers/shape-layers.js';
export type { CosineSimilarityOptions, PairwiseDistanceOptions } from './layers/similarity.js';
export { CosineSimilarity, PairwiseDistance } from './layers/similarity.js';
export type { SlidingBlocksOptions } from './layers/sliding-blocks.js';
export { Fold, Unfold } from './layers/sliding-blocks.js';
export type { PReLUOptions, RReLUOptions } from './layers/sloped-activations.js';
export { PReLU, RReLU } from './layers/sloped-activations.js';
export type { SoftmaxOptions } from './layers/softmax.js';
export { GLU, LogSoftmax, Softmax, Softmax2d, Softmin } from './layers/softmax.js';
export type { TransformerCall, TransformerOptions } from './layers/transformer.js';
export { Transformer } from './layers/transformer.js';
export type { DecoderCall } from './layers/transformer-decoder.js';
export { TransformerDecoder, TransformerDecoderLayer } from './layers/transformer-decoder.js';
export type { Clonable, EncoderCall, EncoderLayerCall, StackOptions } from './layers/transformer-encoder.js';
export { LayerStack, TransformerEncoder, TransformerEncoderLayer } from './layers/transformer-encoder.js';
export type { TransformerLayerOptions } from './layers/transformer-layer.js';
export type {
  BinaryCrossEntropyWithLogitsOptions,
  DiceOptions,
  SigmoidFocalOptions,
} from './losses/binary.js';
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  diceLoss,
  sigmoidFocalLoss,
} from './losses/binary.js';
export type {
  CrossEntropyLossOptions,
  CTCLossOptions,
  GaussianNLLLossOptions,
  KLDivLossOptions,
  MultiMarginLossOptions,
  NLLLossOptions,
  PoissonNLLLossOptions,
} from './losses/class-losses.js';
export {
  CrossEntropyLoss,
  CTCLoss,
  GaussianNLLLoss,
  KLDivLoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
} from './losses/class-losses.js';
export type { CrossEntropyOptions } from './losses/cross-entropy.js';
export { crossEntropy } from './losses/cross-entropy.js';
export type { CtcInput, CtcOptions } from './losses/ctc-loss.js';
export { ctcLoss } from './losses/ctc-loss.js';
export type { Loss } from './losses/define-loss.js';
export { defineLoss, LossModule } from './losses/define-loss.js';
export type { GaussianNllOptions, KlDivOptions, PoissonNllOptions } from './losses/divergence.js';
export { gaussianNllLoss, klDiv, poissonNllLoss } from './losses/divergence.js';
export type {
  BCELossOptions,
  BCEWithLogitsLossOptions,
  DiceLossOptions,
  HuberLossOptions,
  L1LossOptions,
  MSELossOptions,
  SigmoidFocalLossOptions,
  SmoothL1LossOptions,
} from './losses/element-losses.js';
export {
  BCELoss,
  BCEWithLogitsLoss,
  DiceLoss,
  HuberLoss,
  L1Loss,
  MSELoss,
  SigmoidFocalLoss,
  SmoothL1Loss,
} from './losses/element-losses.js';
export type { MarginOptions, TripletMarginOptions } from './losses/margin.js';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  softMarginLoss,
  tripletMarginLoss,
} from './losses/margin.js';
export type {
  CosineEmbeddingLossOptions,
  HingeEmbeddingLossOptions,
  MarginRankingLossOptions,
  SoftMarginLossOptions,
  TripletMarginLossOptions,
} from './losses/margin-losses.js';
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  SoftMarginLoss,
  TripletMarginLoss,
} from './losses/margin-losses.js';
export type { MultilabelSoftMarginOptions } from './losses/multi-label.js';
export { multilabelMarginLoss, multilabelSoftMarginLoss } from './losses/multi-label.js';
export type { MultiLabelMarginLossOptions, MultiLabelSoftMarginLossOptions } from './losses/multi-label-losses.js';
export { MultiLabelMarginLoss, MultiLabelSoftMarginLoss } from './losses/multi-label-losses.js';
export type { MultiMarginOptions, NllOptions } from './losses/nll-loss.js';
export { multiMarginLoss, nllLoss } from './losses/nll-loss.js';
export type { LossOptions, Reduction, WeightedLossOptions } from './losses/reduction.js';
export type { HuberOptions, SmoothL1Options } from './losses/regression.js';
export { huberLoss, l1Loss, mseLoss, smoothL1Loss } from './losses/regression.js';
export type { LayerSummary, ModelSummary } from './model-summary.js';
export { summarizeModel } from './model-summary.js';
export type { ForwardHook, ForwardPreHook, HookOptions, ModuleRole, ParameterPlace } from './module.js';
export { Module } from './module.js';
export type { ParameterOptions } from './parameter.js';
export { Parameter } from './parameter.js';
export type { ParsedLosses } from './parse-losses.js';
export { parseLosses } from './parse-losses.js';
export type { LoadOptions } from './state-dict.js';
export type { StepPosition } from './step-context.js';
export { StepContext } from './step-context.js';
export { dirac, eye, orthogonal, sparse } from './structured-initializers.js';
export { convertSyncBatchNorm, revertSyncBatchNorm } from './sync-batch-norm.js';
export { detectAnomalousParams } from './unreached-parameters.js';
export { upload } from './upload.js';
