import { describeHook } from './testing/index.js';
import { canonicalSettings } from './testing/settings.js';
import { defaultHookTypes } from './default-hooks.js';

for (const type of Object.values(defaultHookTypes)) {
  describeHook(type, canonicalSettings[`hook/${type.entry.name}`].options);
}
