import { Registry } from '@engine/registry';
import { CheckpointHook } from './checkpoint-hook.js';
import { DistSamplerSeedHook } from './dist-sampler-seed-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import { IterTimerHook } from './iter-timer-hook.js';
import { LoggerHook } from './logger-hook.js';
import { ParamSchedulerHook } from './param-scheduler-hook.js';
import { RuntimeInfoHook } from './runtime-info-hook.js';

/** What stands under each key of `defaultHooks` when nothing else is said, in order of registration. */
export const defaultHookConfigs = {
  runtimeInfo: { type: RuntimeInfoHook },
  timer: { type: IterTimerHook },
  samplerSeed: { type: DistSamplerSeedHook },
  logger: { type: LoggerHook },
  paramScheduler: { type: ParamSchedulerHook },
  checkpoint: { type: CheckpointHook, interval: 1 },
} as const;

export type DefaultHookKey = keyof typeof defaultHookConfigs;
export const defaultHookKeys = Object.keys(defaultHookConfigs) as readonly DefaultHookKey[];

/**
 * The standard hooks of a run. A hook under a known key replaces that one in its place, null takes it out, other keys are appended.
 * @throws `ENGINE_HOOKS_UNKNOWN_DEFAULT` when null stands under a key that is no default
 */
export function defaultHooks(overrides: Readonly<Record<string, Hook | null | undefined>> = {}): Hook[] {
  const hooks: Hook[] = [];
  for (const key of defaultHookKeys) {
    const override = overrides[key];
    if (override !== null) hooks.push(override ?? new Registry().build('hook', defaultHookConfigs[key]));
  }
  for (const [key, hook] of Object.entries(overrides)) {
    if (Object.hasOwn(defaultHookConfigs, key) || hook === undefined) continue;
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
