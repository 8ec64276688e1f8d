import type { Logger } from '@engine/core';
import type { OptimWrapperLike } from '@engine/optim';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';

const autoScaleLrOptions = z.strictObject({
  enable: z._default(z.boolean(), false),
  /** Batch size, over all processes, for which the learning rate was chosen. */
  baseBatchSize: z.int().check(z.positive()),
});

/** Multiplies every learning rate by (batch size used) / `baseBatchSize`, where enabled. Before any scheduler is built: they start from the result. */
export function scaleLr(
  optimWrapper: OptimWrapperLike,
  given: unknown,
  { batchSize, logger }: { readonly batchSize: number; readonly logger: Logger },
): void {
  if (given === undefined || given === null) return;
  const { enable, baseBatchSize } = parseOptions(autoScaleLrOptions, given, {
    subject: 'autoScaleLr',
    path: 'autoScaleLr',
  }).value;
  if (!enable) return;
  const ratio = batchSize / baseBatchSize;
  logger.info(
    `LR is set based on batch size of ${baseBatchSize} and the current batch size is ${batchSize}. Scaling the original LR by ${ratio}.`,
  );
  for (const group of optimWrapper.paramGroups) group.lr *= ratio;
}
