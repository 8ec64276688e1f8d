import { cpu } from '@engine/backend-cpu';
import { beforeAll } from 'vitest';
import { defaultHookConfigs } from './default-hooks.js';
import { EarlyStoppingHook } from './early-stopping-hook.js';
import { EMAHook } from './ema-hook.js';
import { EmptyCacheHook } from './empty-cache-hook.js';
import { HistogramHook } from './histogram-hook.js';
import { LeakMonitorHook } from './leak-monitor-hook.js';
import { NaiveVisualizationHook } from './naive-visualization-hook.js';
import { NumberMonitorHook } from './number-monitor-hook.js';
import { PrepareTTAHook } from './prepare-tta-hook.js';
import { ProfilerHook } from './profiler-hook.js';
import { SyncBuffersHook } from './sync-buffers-hook.js';
import { describeHook } from './testing/index.js';
import { canonicalSettings } from './testing/settings.js';
import { ThroughputHook } from './throughput-hook.js';

beforeAll(() => cpu().init());

const monitors = [NumberMonitorHook, ThroughputHook, LeakMonitorHook, HistogramHook];
const others = [
  ...monitors,
  NaiveVisualizationHook,
  EMAHook,
  EarlyStoppingHook,
  EmptyCacheHook,
  SyncBuffersHook,
  PrepareTTAHook,
  ProfilerHook,
];
for (const type of [...Object.values(defaultHookConfigs).map((config) => config.type), ...others]) {
  describeHook(type, canonicalSettings[`hook/${type.entry.name}`].options);
}
