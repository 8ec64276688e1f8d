import type { MetricValues } from '@engine/evaluator';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook, IterInfo, MetricsInfo, TrainIterInfo } from './hook.js';
import type { RunContext } from './run-context.js';

const runtimeInfoHookOptions = z.strictObject({});
export interface RuntimeInfoHookOptions extends z.input<typeof runtimeInfoHookOptions> {}

/** Keeps the message hub up to date: position, learning rates, step outputs, metrics. */
export class RuntimeInfoHook implements Hook {
  static readonly entry = defineHook<'RuntimeInfoHook', typeof runtimeInfoHookOptions, RuntimeInfoHookOptions>({
    name: 'RuntimeInfoHook',
    options: runtimeInfoHookOptions,
    create: () => new RuntimeInfoHook(),
    module: '@engine/hooks',
    doc: 'Keeps position, learning rates, step outputs and metrics in the message hub.',
  });
  readonly name = 'RuntimeInfoHook';
  readonly priority = 'VERY_HIGH';
  #stageBeforeVal: unknown;

  beforeRun({ messageHub, config, seed, experimentName, engineVersion }: RunContext): void {
    messageHub.updateInfo('cfg', config);
    messageHub.updateInfo('seed', seed);
    messageHub.updateInfo('experimentName', experimentName);
    messageHub.updateInfo('engineVersion', engineVersion);
    this.#stageBeforeVal = undefined;
  }

  /** A run that is resumed goes on from the position that the hub of the checkpoint has: what was done last, also in a validation before the next step. */
  beforeTrain(ctx: RunContext): void {
    const { messageHub, resumed } = ctx;
    messageHub.updateInfo('loopStage', 'train');
    for (const [key, index] of [
      ['epoch', ctx.epoch],
      ['iter', ctx.iter],
    ] as const)
      if (!resumed || messageHub.getInfo(key) === undefined) messageHub.updateInfo(key, index);
    messageHub.updateInfo('maxEpochs', ctx.maxEpochs);
    messageHub.updateInfo('maxIters', ctx.maxIters);
    if (ctx.trainLoop !== undefined) messageHub.updateInfo('datasetMeta', ctx.trainLoop.dataloader.dataset.metainfo);
  }

  beforeTrainEpoch(ctx: RunContext): void {
    ctx.messageHub.updateInfo('epoch', ctx.epoch);
  }

  beforeTrainIter(ctx: RunContext, _info: IterInfo): void {
    ctx.messageHub.updateInfo('iter', ctx.iter);
    for (const [name, [first] = []] of Object.entries(ctx.optimWrapper?.getLr() ?? {}))
      if (first !== undefined) ctx.messageHub.updateScalar(`train/${logName(name)}`, first);
  }

  afterTrainIter({ messageHub }: RunContext, { outputs }: TrainIterInfo): void {
    const { names } = outputs;
    // Known before the losses are, so it comes first in a line.
    const ordered = [...names.filter((name) => name === 'gradNorm'), ...names.filter((name) => name !== 'gradNorm')];
    for (const name of ordered) messageHub.updateScalar(`train/${logName(name)}`, outputs.get(name));
  }

  afterTrain({ messageHub }: RunContext): void {
    messageHub.popInfo('loopStage');
  }

  beforeVal({ messageHub }: RunContext): void {
    this.#stageBeforeVal = messageHub.getInfo('loopStage');
    messageHub.updateInfo('loopStage', 'val');
  }

  afterValEpoch({ messageHub }: RunContext, { metrics }: MetricsInfo): void {
    recordMetrics(messageHub, 'val', metrics);
  }

  afterVal({ messageHub }: RunContext): void {
    if (this.#stageBeforeVal === 'train') messageHub.updateInfo('loopStage', 'train');
    else messageHub.popInfo('loopStage');
    this.#stageBeforeVal = undefined;
  }

  beforeTest({ messageHub }: RunContext): void {
    messageHub.updateInfo('loopStage', 'test');
  }

  afterTestEpoch({ messageHub }: RunContext, { metrics }: MetricsInfo): void {
    recordMetrics(messageHub, 'test', metrics);
  }

  afterTest({ messageHub }: RunContext): void {
    messageHub.popInfo('loopStage');
  }
}

/** What logs and trackers call it, as they do in MMEngine. */
function logName(name: string): string {
  return { gradNorm: 'grad_norm', baseLr: 'base_lr' }[name] ?? name;
}

function recordMetrics(hub: RunContext['messageHub'], mode: 'val' | 'test', metrics: MetricValues): void {
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value === 'number') hub.updateScalar(`${mode}/${name}`, value, { integer: false });
    else if (typeof value === 'bigint') hub.updateScalar(`${mode}/${name}`, Number(value), { integer: true });
    else if (typeof value === 'boolean') hub.updateScalar(`${mode}/${name}`, Number(value));
    else hub.updateInfo(`${mode}/${name}`, value);
  }
}

declare module '@engine/registry' {
  interface Hooks {
    RuntimeInfoHook: typeof RuntimeInfoHook;
  }
}
