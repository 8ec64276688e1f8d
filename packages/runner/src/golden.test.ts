import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { InfiniteSampler } from '@engine/dataset';
import { type Hook, type HookPoint, hookPointOrder, type RunContext } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { toCamelCase } from '@engine/registry';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunnerOptions } from './options.js';
import { BoringDataset, BoringMetric, type BoringRun, makeBoringRun } from './testing/index.js';

interface Event {
  readonly point: string;
  /** Null where the reference has no training loop; ours then says 0. */
  readonly epoch: number | null;
  readonly iter: number | null;
  readonly batch_idx?: number;
  readonly model_training: boolean;
}
interface Loader {
  readonly batch_size: number;
  readonly dataset: { readonly n: number };
  readonly sampler: { readonly type: string };
}
interface Trace {
  readonly id: string;
  readonly call: 'train' | 'val' | 'test';
  readonly config: Readonly<Record<string, unknown>> & {
    readonly train_dataloader?: Loader;
    readonly val_dataloader?: Loader;
    readonly test_dataloader?: Loader;
    readonly train_cfg?: Readonly<Record<string, unknown>>;
    readonly default_hooks?: { readonly checkpoint?: object | null };
  };
  readonly events: readonly Event[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/hooks_order.json', import.meta.url), 'utf8'),
) as { traces: Trace[] };
const { traces } = golden;

/** Sees every point, as the reference's tracer: of priority VERY_LOW, registered after the default hooks. */
function makeTracer(events: object[]): Hook {
  const see =
    (point: HookPoint) =>
    (ctx: RunContext, info?: { readonly batchIdx?: number }): void => {
      events.push({
        point,
        epoch: ctx.epoch,
        iter: ctx.iter,
        ...(info?.batchIdx !== undefined && { batch_idx: info.batchIdx }),
        model_training: ctx.model.training,
      });
    };
  const methods = Object.fromEntries(hookPointOrder.map((point) => [point, see(point)]));
  return { name: 'Tracer', priority: 'VERY_LOW', ...methods };
}

function loader(given: Loader | undefined): object | undefined {
  if (given === undefined) return undefined;
  const dataset = new BoringDataset(given.dataset.n);
  const sampler = given.sampler.type === 'InfiniteSampler' ? new InfiniteSampler({ dataset }) : undefined;
  return { dataset, batchSize: given.batch_size, sampler };
}

function camel(options: object): object {
  const entries = Object.entries(options).map(([key, value]) => [toCamelCase(key), value]);
  return Object.fromEntries(entries.filter(([key]) => key !== 'type'));
}

function optionsOf({ config }: Trace, events: object[]): Partial<RunnerOptions> {
  const trainCfg = config.train_cfg && camel(config.train_cfg);
  const checkpoint = config.default_hooks?.checkpoint;
  const evaluator = (key: string): BoringMetric | undefined => (key in config ? new BoringMetric() : undefined);
  return {
    trainDataloader: loader(config.train_dataloader),
    trainCfg,
    optimWrapper: 'optim_wrapper' in config ? { optimizer: { type: SGD, lr: 0.1 } } : undefined,
    paramScheduler: undefined,
    valDataloader: loader(config.val_dataloader),
    valCfg: config['val_cfg'],
    valEvaluator: evaluator('val_cfg'),
    testDataloader: loader(config.test_dataloader),
    testCfg: config['test_cfg'],
    testEvaluator: evaluator('test_cfg'),
    defaultHooks: checkpoint === undefined ? {} : { checkpoint: checkpoint && camel(checkpoint) },
    customHooks: [makeTracer(events)],
  } as unknown as Partial<RunnerOptions>;
}

describe('the order of events', () => {
  let run: BoringRun | undefined;
  afterEach(async () => {
    await run?.runner.dispose();
    run?.model.dispose();
  });

  it('has golden traces of every loop that exists', () => {
    expect(traces.map(({ id }) => id)).toEqual([
      'epoch-2x3',
      'iter-5',
      'test',
      'val',
      'epoch-no-val',
      'epoch-val-begin',
      'iter-dynamic',
      'epoch-dynamic',
      'two-phase-scheduler',
      'finite-loader-iter',
    ]);
  });

  it.each(traces.map((trace) => [trace.id, trace] as const))("is MMEngine's: %s", async (_id, trace) => {
    const events: object[] = [];
    run = makeBoringRun(cpu(), optionsOf(trace, events));
    await run.runner[trace.call]();
    const expected = trace.events.map(({ point, epoch, iter, batch_idx, model_training }) => ({
      point: toCamelCase(point),
      epoch: epoch ?? 0,
      iter: iter ?? 0,
      ...(batch_idx !== undefined && { batch_idx }),
      model_training,
    }));
    expect(events).toEqual(expected);
  });
});
