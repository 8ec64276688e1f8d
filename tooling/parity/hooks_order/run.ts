import { Config } from '@engine/config';
import type { Backend, EntryLike } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import type { Hook, RegisteredHook } from '@engine/hooks';
import { Runner } from '@engine/runner';
import { createRegistry } from '@engine/standard';
import { Cnt, Vec, VecModel } from './vec.js';

export interface GoldenRun {
  readonly call: 'train' | 'val' | 'test';
  /** As the reference has it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** After the default hooks. */
  readonly hooks?: readonly Hook[];
}

/** Runs a config of the golden file with a runner, in memory. */
export async function runGolden(
  { call, config, seed, hooks = [] }: GoldenRun,
  { backend, entries = [] }: { readonly backend: Backend; readonly entries?: readonly EntryLike[] },
): Promise<{ readonly hooks: readonly RegisteredHook[]; readonly listing: string }> {
  const registry = createRegistry();
  for (const entry of [Vec, Cnt, ...entries]) registry.register(entry);
  const model = new VecModel();
  const own = (config['custom_hooks'] ?? []) as readonly unknown[];
  const runner = await Runner.fromConfig(
    Config.fromData({
      ...config,
      backend,
      model,
      work_dir: '/work',
      custom_hooks: [...own, ...hooks],
      randomness: { seed },
    }),
    { registry, storage: new MemoryStorage(), sinks: [] },
  );
  try {
    await runner[call]();
    return { hooks: runner.hooks, listing: runner.describeHooks() };
  } finally {
    await runner.dispose();
    model.dispose();
  }
}
