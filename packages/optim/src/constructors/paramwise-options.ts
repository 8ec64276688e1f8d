import * as z from 'zod/mini';
import { nonnegative } from '../option-schemas.js';

const multiplier = () => z.optional(z.nullable(nonnegative()));

const customOptions = z.catchall(
  z.object({
    /** Times the learning rate. */
    lrMult: multiplier(),
    /** Times the weight decay. */
    decayMult: multiplier(),
  }),
  z.unknown(), // fields of the group, e.g. momentum
);

/** Null: nothing is multiplied. */
export const paramwiseShape = {
  /** Part of a parameter's name → its multipliers, and fields of its group that are set as they are. The longest key wins. */
  customKeys: z.optional(z.nullable(z.record(z.string(), customOptions))),
  /** Learning rate of biases, except those of norms and of what stands in a deformable convolution. */
  biasLrMult: multiplier(),
  /** Weight decay of biases, except those of norms and of what stands in a deformable convolution. */
  biasDecayMult: multiplier(),
  /** Weight decay of normalisation layers. */
  normDecayMult: multiplier(),
  /** Weight decay of depthwise convolutions. */
  dwconvDecayMult: multiplier(),
  /** Learning rate of the layer `conv_offset` (or `convOffset`) of a deformable convolution. */
  dcnOffsetLrMult: multiplier(),
  /** Weight decay of parameters with one axis. */
  flatDecayMult: multiplier(),
  /** Takes a shared parameter at its first place and passes over the others, which are an error otherwise; default false. */
  bypassDuplicate: z.optional(z.nullable(z.boolean())),
};

export const paramwiseOptions = z.strictObject(paramwiseShape);

/** What `paramwiseCfg` takes for the {@link DefaultOptimWrapperConstructor}. */
export interface ParamwiseOptions extends z.input<typeof paramwiseOptions> {}
