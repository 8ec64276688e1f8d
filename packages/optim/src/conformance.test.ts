import { cpu } from '@engine/backend-cpu';
import { describeEntries } from '@engine/registry/testing';
import { beforeAll } from 'vitest';
import { Adam, AdamW, OptimWrapper, SGD } from './index.js';
import { canonicalSettings, describeOptimizer } from './testing/index.js';

beforeAll(() => cpu().init());

describeOptimizer(SGD, { lr: 0.1, momentum: 0.9, weightDecay: 0.01, dampening: 0.2 });
describeOptimizer(Adam, { weightDecay: 0.1, amsgrad: true });
describeOptimizer(AdamW, { betas: [0.8, 0.9], maximize: true });

describeEntries([SGD, Adam, AdamW, OptimWrapper], canonicalSettings);
