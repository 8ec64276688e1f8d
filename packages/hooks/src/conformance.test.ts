import { cpu } from '@engine/backend-cpu';
import { beforeAll } from 'vitest';
import { defaultHookConfigs } from './default-hooks.js';
import { EMAHook } from './ema-hook.js';
import { describeHook } from './testing/index.js';
import { canonicalSettings } from './testing/settings.js';

beforeAll(() => cpu().init());

for (const type of [...Object.values(defaultHookConfigs).map((config) => config.type), EMAHook]) {
  describeHook(type, canonicalSettings[`hook/${type.entry.name}`].options);
}
