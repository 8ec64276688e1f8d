import { cpu } from '@engine/backend-cpu';
import { beforeAll } from 'vitest';
import { defaultHookConfigs } from './default-hooks.js';
import { describeHook } from './testing/index.js';
import { canonicalSettings } from './testing/settings.js';

beforeAll(() => cpu().init());

for (const { type } of Object.values(defaultHookConfigs)) {
  describeHook(type, canonicalSettings[`hook/${type.entry.name}`].options);
}
