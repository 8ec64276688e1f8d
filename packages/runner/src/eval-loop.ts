import { scopedStart, tensorScope } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { EvaluatorLike, MetricValues } from '@engine/evaluator';
import type { HostBatch, ValStepResult } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { runnerErrors } from './errors.js';
import { defineLoop, type Loop, type LoopArgs, type LoopRun } from './loop.js';

const evalLoopOptions = z.strictObject({});
export interface ValLoopOptions extends z.input<typeof evalLoopOptions> {}
export interface TestLoopOptions extends z.input<typeof evalLoopOptions> {}

type Stage = 'Val' | 'Test';

/** What validation and testing share. */
class EvalLoop implements Loop {
  readonly dataloader: DataLoaderLike;
  readonly #run: LoopRun;
  readonly #evaluator: EvaluatorLike;
  readonly #stage: Stage;

  constructor(stage: Stage, { run, dataloader, evaluator }: LoopArgs) {
    if (evaluator === undefined) {
      throw runnerErrors.BAD_LOOP_CONFIG({
        expected: 'an evaluator beside the data loader',
        received: `a ${stage}Loop without one`,
        action: `give ${stage === 'Val' ? 'valEvaluator' : 'testEvaluator'}`,
      });
    }
    this.#stage = stage;
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
    for await (const batch of this.dataloader.batches()) {
      await this.#runIter(batchIdx, batch);
      batchIdx += 1;
      if (this.#run.interrupted) return undefined;
      const pause = this.#run.endStep();
      if (pause !== undefined) await pause;
    }
    return this.#evaluator.evaluate(this.dataloader.dataset.length, this.#run.ctx.communicator);
  }

  async #runIter(batchIdx: number, batch: HostBatch): Promise<void> {
    const { ctx } = this.#run;
    await this.#run.call(`before${this.#stage}Iter`, { batchIdx, batch });
    const result = tensorScope(() => (this.#stage === 'Val' ? ctx.model.valStep(batch) : ctx.model.testStep(batch)));
    try {
      await scopedStart(() => this.#evaluator.process(batch, result.predictions));
      await this.#run.call(`after${this.#stage}Iter`, { batchIdx, batch, predictions: result.predictions });
    } finally {
      disposeTensors(result);
    }
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
    create: (_options, { args }) => new ValLoop({}, args),
    module: '@engine/runner',
    doc: 'Evaluates on the validation set.',
  });
  constructor(_options: ValLoopOptions, args: LoopArgs) {
    super('Val', args);
  }
}

/** Evaluates on the test set. */
export class TestLoop extends EvalLoop {
  static readonly entry = defineLoop<'TestLoop', typeof evalLoopOptions, TestLoopOptions>({
    name: 'TestLoop',
    options: evalLoopOptions,
    create: (_options, { args }) => new TestLoop({}, args),
    module: '@engine/runner',
    doc: 'Evaluates on the test set.',
  });
  constructor(_options: TestLoopOptions, args: LoopArgs) {
    super('Test', args);
  }
}

declare module '@engine/registry' {
  interface Loops {
    ValLoop: typeof ValLoop;
    TestLoop: typeof TestLoop;
  }
}
