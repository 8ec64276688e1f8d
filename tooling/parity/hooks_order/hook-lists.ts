import { cpu } from '@engine/backend-cpu';
import { defineHook, type RegisteredHook } from '@engine/hooks';
import { toCamelCase } from '@engine/registry';
import * as z from 'zod/mini';
import type { Stages } from './registration.js';
import { runGolden } from './run.js';

export type HookConfig = Readonly<Record<string, unknown>> & { readonly type: string };

export const noOp = (): void => {};

/** The hooks that a runner makes of a config which may name the golden file's own hooks, and its listing of them. */
export async function hooksOf(
  config: Readonly<Record<string, unknown>>,
  stages: Stages,
): Promise<{ readonly hooks: readonly RegisteredHook[]; readonly listing: string }> {
  const own = Object.entries(stages).map(([name, points]) =>
    defineHook({
      name,
      options: z.strictObject({}),
      create: () => Object.fromEntries(points.map((point) => [toCamelCase(point), noOp])),
    }),
  );
  return runGolden({ call: 'val', config: { ...config, ...validation }, seed: 0 }, { entries: own, backend: cpu() });
}

const validation = {
  val_dataloader: { batch_size: 1, dataset: { type: 'Vec', n: 1 } },
  val_cfg: {},
  val_evaluator: { type: 'Cnt' },
};
