import type { HostArray, Json, SavedState } from '@engine/core';
import { Module } from '@engine/model';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import { FiniteFlags } from './finite-flags.js';
import type { Hook, IterInfo, TrainIterInfo } from './hook.js';
import type { RunContext } from './run-context.js';

const count = z.int().check(z.positive());
const numberMonitorHookOptions = z.strictObject({
  /** Iterations between checks. Only with 1 it is sure that the tensor named is the first. */
  interval: z._default(count, 1),
  /** Whether the outputs of layers are looked at. */
  layers: z._default(z.boolean(), true),
  /** Whether gradients are. */
  gradients: z._default(z.boolean(), true),
  /** What happens: the run ends with an error, or a warning is logged. */
  action: z._default(z.enum(['stop', 'warn']), 'stop'),
  /** A loss above this many times the median of the last ones is told as a spike; null for no spikes. */
  spikeFactor: z._default(z.nullable(z.number().check(z.gt(1))), 4),
  /** Losses that the median is taken of; there are none told before it is full. */
  spikeWindow: z._default(count, 50),
});
export interface NumberMonitorHookOptions extends z.input<typeof numberMonitorHookOptions> {}

/**
 * Looks for NaN and infinity where they arise and names the first tensor that has one: data, the output of a layer, a loss or a gradient.
 * Tells spikes of the loss, whose memory is saved in checkpoints. It looks at every tensor on the device and reads one small tensor an
 * iteration: for a run in trouble, not for every run.
 */
export class NumberMonitorHook implements Hook {
  static readonly entry = defineHook<'NumberMonitorHook', typeof numberMonitorHookOptions, NumberMonitorHookOptions>({
    name: 'NumberMonitorHook',
    options: numberMonitorHookOptions,
    create: (options) => new NumberMonitorHook(options),
    module: '@engine/hooks',
    doc: 'Names the first tensor that is not finite, and tells spikes of the loss.',
  });
  readonly name = 'NumberMonitorHook';
  readonly priority = 'ABOVE_NORMAL';
  readonly #options: z.output<typeof numberMonitorHookOptions>;
  readonly #flags = new FiniteFlags();
  #stop: (() => void)[] = [];
  #isOn = false;
  #isLooking = false;
  #losses: number[] = [];

  constructor(options: NumberMonitorHookOptions = {}) {
    this.#options = parseOptions(numberMonitorHookOptions, options, { subject: 'NumberMonitorHook' }).value;
  }

  get ownedTensors(): number {
    return this.#flags.size;
  }

  beforeTrain({ model, optimWrapper, logger }: RunContext): void {
    const { layers, gradients } = this.#options;
    this.#isOn = true;
    if (layers && model instanceof Module) this.#watchLayers(model);
    if (!gradients) return;
    const stop = optimWrapper?.onGradients?.((grads) => {
      if (!this.#isLooking) return;
      // the backward pass goes from the last parameter to the first
      for (const [name, grad] of [...grads].reverse()) this.#flags.add(`the gradient of ${name}`, grad);
    });
    if (stop === undefined) logger.warn('NumberMonitorHook: the optimizer wrapper does not show its gradients.');
    else this.#stop.push(stop);
  }

  beforeTrainIter(ctx: RunContext): void {
    this.#flags.clear();
    this.#isLooking = this.#isOn && ctx.everyNTrainIters(this.#options.interval);
  }

  /** @throws `ENGINE_HOOKS_NOT_FINITE` unless it only warns */
  async afterTrainIter(ctx: RunContext, { batch, outputs }: TrainIterInfo): Promise<void> {
    if (!this.#isLooking) return;
    this.#isLooking = false;
    const [bad, loss] = await Promise.all([this.#flags.firstBad(), outputs.read('loss')]);
    this.#flags.clear();
    if (bad !== undefined || !Number.isFinite(loss)) this.#tell(ctx, { bad, loss, batch });
    else this.#lookForSpike(ctx, loss);
  }

  afterTrain(): void {
    this.#end();
  }
  afterRun(): void {
    this.#end();
  }
  dispose(): void {
    this.#end();
  }

  stateDict(): SavedState {
    return { values: { losses: [...this.#losses] }, tensors: new Map() };
  }

  loadStateDict({ values }: SavedState): void {
    const { losses } = values;
    const saved: readonly Json[] = Array.isArray(losses) ? losses : [];
    this.#losses = saved.filter((loss): loss is number => typeof loss === 'number');
  }

  #watchLayers(model: Module): void {
    model.visit((module, path) => {
      if (path === '') return; // its outputs are the losses
      this.#stop.push(
        module.registerForwardHook((_module, _args, output) => {
          if (this.#isLooking) this.#flags.add(`the output of ${path} (${module.constructor.name})`, output);
        }),
      );
    });
  }

  #end(): void {
    for (const stop of this.#stop.splice(0)) stop();
    this.#flags.clear();
    this.#isOn = false;
    this.#isLooking = false;
  }

  #tell(ctx: RunContext, found: { bad: string | undefined; loss: number } & Pick<IterInfo, 'batch'>): void {
    const inData = hostArrays(found.batch.inputs).some(({ data }) => !isFinite(data));
    const [where, others] = inData
      ? ['the inputs of the batch', 'fix or leave out the data']
      : [found.bad ?? 'the loss', 'lower the learning rate, clip gradients, or look at what computes this tensor'];
    const error = hooksErrors.NOT_FINITE({
      subject: where,
      expected: 'finite numbers',
      received: `NaN or infinity, first of all in ${where}, at epoch ${ctx.epoch}, iter ${ctx.iter}, with loss = ${found.loss}`,
      action: `${others}; ${inData ? 'all later ones follow from it' : 'the inputs of the batch were finite'}`,
    });
    if (this.#options.action === 'stop') throw error;
    ctx.logger.warn(`NumberMonitorHook: ${error.received}.`);
  }

  #lookForSpike(ctx: RunContext, loss: number): void {
    const { spikeFactor, spikeWindow } = this.#options;
    if (spikeFactor === null) return;
    const usual = this.#losses.length === spikeWindow ? median(this.#losses) : undefined;
    if (usual !== undefined && usual > 0 && loss > spikeFactor * usual)
      ctx.logger.warn(
        `The loss of iteration ${ctx.iter + 1} is ${loss.toPrecision(4)}, ${(loss / usual).toFixed(1)} times what it was (median of ${spikeWindow}: ${usual.toPrecision(4)}).`,
      );
    this.#losses.push(loss);
    if (this.#losses.length > spikeWindow) this.#losses.shift();
  }
}

function hostArrays(inputs: IterInfo['batch']['inputs']): readonly HostArray[] {
  return [inputs].flat() as readonly HostArray[];
}

function isFinite(data: HostArray['data']): boolean {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return true;
  return data.every((value) => Number.isFinite(value));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

declare module '@engine/registry' {
  interface Hooks {
    NumberMonitorHook: typeof NumberMonitorHook;
  }
}
