import type { Logger } from '@engine/core';
import type { OptimWrapperLike } from '@engine/optim';
import type { PlainOptions } from './options.js';

/**
 * Multiplies every learning rate by (batch size used, over all processes) / `baseBatchSize`, where enabled. Comes before any
 * scheduler is built: they start from the result.
 */
export function scaleLr(
  optimWrapper: OptimWrapperLike,
  given: PlainOptions['autoScaleLr'],
  { batchSize, logger }: { readonly batchSize: number; readonly logger: Logger },
): void {
  if (given?.enable !== true) return;
  const ratio = batchSize / given.baseBatchSize;
  logger.info(
    `LR is set based on batch size of ${given.baseBatchSize} and the current batch size is ${batchSize}. Scaling the original LR by ${ratio}.`,
  );
  for (const group of optimWrapper.paramGroups) group.lr *= ratio;
}
