import { hostArray } from '@engine/core';
import { modelErrors } from './errors.js';
import { constant } from './initializers.js';
import { BatchNorm } from './layers/batch-norm.js';
import { Conv } from './layers/conv.js';
import { Identity } from './layers/shape-layers.js';
import type { Module } from './module.js';
import { slotsOf } from './module-slots.js';
import { Parameter } from './parameter.js';

type AnyConv = Conv<readonly number[]>;

/**
 * Folds every batch norm into the convolution before it, for faster evaluation: the convolution gets the norm's scale and shift and the
 * norm becomes an `Identity`. A pair is a convolution and, next among the norms and convolutions of the same module, a norm of as many
 * channels; make sure that they also follow each other in `forward`. The model can only evaluate afterwards.
 * Resolves with the names of the convolutions.
 * @throws `ENGINE_MODEL_BAD_FUSION` for a model in training mode
 */
export async function fuseConvBn(model: Module): Promise<string[]> {
  if (model.training) {
    throw modelErrors.BAD_FUSION({
      expected: 'a model in evaluation mode',
      received: `${model.constructor.name} in training mode`,
      action: 'call model.eval() first; a fused model must not be trained',
    });
  }
  const fused: string[] = [];
  for (const parent of [...model.namedModules().values()]) {
    let conv: AnyConv | undefined;
    for (const { child, replace } of slotsOf(parent)) {
      if (child instanceof Conv) conv = child as AnyConv;
      if (!(child instanceof BatchNorm)) continue;
      if (conv?.outChannels === child.numFeatures && child.runningMean !== undefined) {
        await fold(conv, child);
        replace(new Identity());
        child.dispose();
        fused.push(conv.path);
      }
      conv = undefined;
    }
  }
  return fused;
}

/** `weight * scale` and `(bias - mean) * scale + shift`, where scale is gamma / sqrt(variance + eps). */
async function fold(conv: AnyConv, norm: BatchNorm): Promise<void> {
  const [gamma, beta, mean, variance] = await Promise.all(
    [norm.weight, norm.bias, norm.runningMean, norm.runningVar].map(async (part) => (await part?.read())?.data),
  );
  const at = (values: ArrayLike<unknown> | undefined, i: number, otherwise: number): number =>
    (values?.[i] as number | undefined) ?? otherwise;
  const count = norm.numFeatures;
  const scale = Float64Array.from(
    { length: count },
    (_, i) => at(gamma, i, 1) / Math.sqrt(at(variance, i, 1) + norm.eps),
  );
  const weight = (await conv.weight.read()).data as Float32Array;
  // output channels are last, as (channel, multiplier) where the convolution is depthwise
  const scaled = weight.map((value, i) => value * (scale[i % count] as number));
  conv.weight.load(hostArray('float32', conv.weight.shape, scaled));
  const bias = (await conv.bias?.read())?.data;
  const shifted = Float32Array.from(
    { length: count },
    (_, i) => (at(bias, i, 0) - at(mean, i, 0)) * (scale[i] as number) + at(beta, i, 0),
  );
  const target = conv.bias ?? new Parameter([count], constant(0));
  target.load(hostArray('float32', [count], shifted));
  Object.assign(conv, { bias: target });
}
