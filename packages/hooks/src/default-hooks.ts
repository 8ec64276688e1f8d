import { CheckpointHook } from './checkpoint-hook.js';
import { DistSamplerSeedHook } from './dist-sampler-seed-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import { IterTimerHook } from './iter-timer-hook.js';
import { LoggerHook } from './logger-hook.js';
import { ParamSchedulerHook } from './param-scheduler-hook.js';
import { RuntimeInfoHook } from './runtime-info-hook.js';

/** Key under `defaultHooks` → how that hook is made when nothing else is said, in order of registration. */
const makers = {
  runtimeInfo: () => new RuntimeInfoHook(),
  timer: () => new IterTimerHook(),
  samplerSeed: () => new DistSamplerSeedHook(),
  logger: () => new LoggerHook(),
  paramScheduler: () => new ParamSchedulerHook(),
  checkpoint: () => new CheckpointHook({ interval: 1 }),
} as const satisfies Record<string, () => Hook>;

export type DefaultHookKey = keyof typeof makers;
export const defaultHookKeys = Object.keys(makers) as readonly DefaultHookKey[];

/** The class behind each default key, for configs that leave `type` out. */
export const defaultHookTypes = {
  runtimeInfo: RuntimeInfoHook,
  timer: IterTimerHook,
  samplerSeed: DistSamplerSeedHook,
  logger: LoggerHook,
  paramScheduler: ParamSchedulerHook,
  checkpoint: CheckpointHook,
} as const;

/**
 * The standard hooks of a run. A hook under a known key replaces that one in its place, null takes it out, other keys are appended.
 * @throws `ENGINE_HOOKS_UNKNOWN_DEFAULT` when null stands under a key that is no default
 */
export function defaultHooks(overrides: Readonly<Record<string, Hook | null | undefined>> = {}): Hook[] {
  const hooks: Hook[] = [];
  for (const key of defaultHookKeys) {
    const override = overrides[key];
    if (override !== null) hooks.push(override ?? makers[key]());
  }
  for (const [key, hook] of Object.entries(overrides)) {
    if (key in makers || hook === undefined) continue;
    if (hook === null) throw unknownDefault(key);
    hooks.push(hook);
  }
  return hooks;
}

function unknownDefault(key: string): Error {
  return hooksErrors.UNKNOWN_DEFAULT({
    subject: `defaultHooks.${key}`,
    expected: `null only under one of ${defaultHookKeys.join(', ')}`,
    received: `${key} = null`,
    action: 'remove this key',
  });
}
