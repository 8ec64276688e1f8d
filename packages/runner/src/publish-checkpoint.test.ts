import { createHash } from 'node:crypto';
import { cpu } from '@engine/backend-cpu';
import type { MemoryStorage } from '@engine/fileio';
import { CheckpointHook, EMAHook } from '@engine/hooks';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { publishCheckpoint } from './publish-checkpoint.js';
import { boringRuns, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const path = '/runs/boring/epoch_1.safetensors';
const trainCfg = { byEpoch: true, maxEpochs: 1 } as const;

describe('publishCheckpoint', () => {
  it('keeps the parts that are asked for, under a name that is their hash', async () => {
    const { runner, storage } = boring({ trainCfg, customHooks: [{ type: EMAHook }] });
    await runner.train();
    const before = await storage.get(path);
    const target = await publishCheckpoint(storage, path, ['model', 'schedulers']);
    expect(target).toMatch(/^\/runs\/boring\/epoch_1-[0-9a-f]{8}\.safetensors$/);
    const bytes = await storage.get(target);
    expect(target).toContain(createHash('sha256').update(bytes).digest('hex').slice(0, 8));
    const [whole, part] = [await readCheckpoint(storage, path), await readCheckpoint(storage, target)];
    expect([...part.tensors.keys()].every((name) => name.startsWith('model/'))).toBe(true);
    expect([...part.sections.keys()].sort()).toEqual(['layouts', 'schedulers']);
    expect(part.meta).toEqual(whole.meta);
    const [all, kept] = [await tensorsOf(storage, path), await tensorsOf(storage, target)];
    for (const [name, value] of Object.entries(kept)) expect(all[name]).toBe(value);
    expect(await storage.get(path)).toEqual(before);
    expect(await publishCheckpoint(storage, path, ['model', 'schedulers'])).toBe(target);
  });

  it('is done by CheckpointHook at the end, and what it gives can be loaded and not resumed', async () => {
    const checkpoint = { type: CheckpointHook, interval: 1, saveBest: 'acc', publishedKeys: ['model' as const] };
    const { runner, storage } = boring({ trainCfg, defaultHooks: { checkpoint } });
    await runner.train();
    const names = (await storage.list('/runs/boring')).filter((name) => /-[0-9a-f]{8}\./.test(name));
    expect(names).toHaveLength(2);
    const loadFrom = `/runs/boring/${names.find((name) => name.startsWith('epoch_1')) ?? ''}`;
    const again = boring({ loadFrom, workDir: '/runs/b' }, { storage: storage as MemoryStorage });
    expect(await again.runner.val()).toEqual(await runner.val());
    const resumed = boring({ resume: loadFrom, workDir: '/runs/c' }, { storage: storage as MemoryStorage });
    await expect(resumed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_WITHOUT_STATE' });
  });
});
