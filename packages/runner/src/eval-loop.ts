import { scopedStart, tensorScope } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { EvaluatorLike, MetricValues } from '@engine/evaluator';
import type { HostBatch, ValStepResult } from '@engine/model';
import { autocastOf } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { runnerErrors } from './errors.js';
import { defineLoop, type Loop, type LoopArgs, type LoopRun } from './loop.js';
import { LossMeans } from './loss-means.js';

const evalLoopOptions = z.strictObject({
  /**
   * Computes the losses too, with the model in evaluation mode: each as a metric of its own name, their sum as `val_loss` or `test_loss`,
   * averaged over samples. Costs a second forward pass. Default false.
   */
  loss: z._default(z.boolean(), false),
  /** Evaluates in the reduced precision of the backend, where it has one. Default false. */
  fp16: z._default(z.boolean(), false),
});
type EvalLoopOptions = z.input<typeof evalLoopOptions>;
export interface ValLoopOptions extends EvalLoopOptions {}
export interface TestLoopOptions extends EvalLoopOptions {}

type Stage = 'Val' | 'Test';

/** What validation and testing share. */
class EvalLoop implements Loop {
  readonly dataloader: DataLoaderLike;
  readonly #run: LoopRun;
  readonly #evaluator: EvaluatorLike;
  readonly #stage: Stage;
  readonly #options: z.output<typeof evalLoopOptions>;
  readonly #losses = new LossMeans();
  #autocast: (<T>(run: () => T) => T) | undefined;

  constructor(stage: Stage, options: EvalLoopOptions, { run, dataloader, evaluator }: LoopArgs) {
    if (evaluator === undefined) {
      throw runnerErrors.BAD_LOOP_CONFIG({
        expected: 'an evaluator beside the data loader',
        received: `a ${stage}Loop without one`,
        action: `give ${stage === 'Val' ? 'valEvaluator' : 'testEvaluator'}`,
      });
    }
    this.#stage = stage;
    this.#options = evalLoopOptions.parse(options);
    this.#run = run;
    this.dataloader = dataloader;
    this.#evaluator = evaluator;
  }

  async run(): Promise<MetricValues | undefined> {
    const [run, stage] = [this.#run, this.#stage];
    await run.call(`before${stage}`);
    await run.call(`before${stage}Epoch`);
    run.ctx.model.eval();
    const metrics = await this.#evaluate();
    if (metrics !== undefined) {
      run.recordMetrics(metrics);
      await run.call(`after${stage}Epoch`, { metrics });
    }
    await run.call(`after${stage}`);
    return metrics;
  }

  /** The metrics, or undefined when a signal cut the evaluation short. */
  async #evaluate(): Promise<MetricValues | undefined> {
    let batchIdx = 0;
    try {
      for await (const batch of this.dataloader.batches()) {
        await this.runIter(batchIdx, batch);
        batchIdx += 1;
        if (this.#run.interrupted) return undefined;
        const pause = this.#run.endStep();
        if (pause !== undefined) await pause;
      }
      const metrics = await this.#evaluator.evaluate(this.dataloader.dataset.length, this.#run.ctx.communicator);
      return this.#options.loss ? { ...metrics, ...(await this.#lossMetrics()) } : metrics;
    } finally {
      this.#losses.dispose();
    }
  }

  async #lossMetrics(): Promise<MetricValues> {
    const losses = await this.#losses.take(this.#run.ctx.communicator);
    return losses.loss === undefined ? losses : { ...losses, [`${this.#stage.toLowerCase()}_loss`]: losses.loss };
  }

  /** One batch: hooks, step, metrics, hooks. A loop of your own may override it. */
  async runIter(batchIdx: number, batch: HostBatch): Promise<void> {
    await this.#run.call(`before${this.#stage}Iter`, { batchIdx, batch });
    const { losses, ...result } = this.#step(batch);
    try {
      if (losses !== undefined) await this.#losses.add(losses, batch);
      await scopedStart(() => this.#evaluator.process(batch, result.predictions));
      await this.#run.call(`after${this.#stage}Iter`, { batchIdx, batch, predictions: result.predictions });
    } finally {
      disposeTensors(result);
    }
  }

  #step(batch: HostBatch): ValStepResult {
    const { ctx, backend } = this.#run;
    const { loss, fp16 } = this.#options;
    this.#autocast ??= autocastOf(fp16 ? null : 'float32', backend, (lacking) =>
      ctx.logger.warn(`${this.#stage}Loop: ${lacking}; evaluating in float32.`),
    );
    const step = this.#stage === 'Val' ? 'valStep' : 'testStep';
    const result = tensorScope(() => this.#autocast?.(() => ctx.model[step](batch, { loss })) as ValStepResult);
    if (!loss || result.losses !== undefined) return result;
    disposeTensors(result);
    throw runnerErrors.BAD_COMPONENT({
      subject: 'model',
      expected: `a model whose ${step}(batch, { loss: true }) gives losses`,
      received: 'predictions without losses',
      action: `return losses too, or take loss: true out of ${this.#stage === 'Val' ? 'valCfg' : 'testCfg'}`,
    });
  }
}

/** Frees what a step returned; a model may hand out its own variables, which stay. */
function disposeTensors(result: ValStepResult): void {
  for (const tensor of tf.tensor_util.getTensorsInContainer(result as unknown as tf.TensorContainer)) {
    if (!(tensor instanceof tf.Variable)) tensor.dispose();
  }
}

/** Evaluates on the validation set. */
export class ValLoop extends EvalLoop {
  static readonly entry = defineLoop<'ValLoop', typeof evalLoopOptions, ValLoopOptions>({
    name: 'ValLoop',
    options: evalLoopOptions,
    create: (options, { args }) => new ValLoop(options, args),
    module: '@engine/runner',
    doc: 'Evaluates on the validation set.',
  });
  constructor(options: ValLoopOptions, args: LoopArgs) {
    super('Val', options, args);
  }
}

/** Evaluates on the test set. */
export class TestLoop extends EvalLoop {
  static readonly entry = defineLoop<'TestLoop', typeof evalLoopOptions, TestLoopOptions>({
    name: 'TestLoop',
    options: evalLoopOptions,
    create: (options, { args }) => new TestLoop(options, args),
    module: '@engine/runner',
    doc: 'Evaluates on the test set.',
  });
  constructor(options: TestLoopOptions, args: LoopArgs) {
    super('Test', options, args);
  }
}

declare module '@engine/registry' {
  interface Loops {
    ValLoop: typeof ValLoop;
    TestLoop: typeof TestLoop;
  }
}
