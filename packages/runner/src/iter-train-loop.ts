import type { DataLoaderLike } from '@engine/dataset';
import type { HostBatch } from '@engine/model';
import * as z from 'zod/mini';
import { endlessBatches, passLength } from './endless-batches.js';
import { defineLoop, type LoopArgs, type LoopRun, type TrainLoop, type TrainPosition } from './loop.js';
import { trainIteration } from './train-iteration.js';
import { validationDue } from './validation-schedule.js';

const count = z.int().check(z.positive());

const iterBasedTrainLoopOptions = z.strictObject({
  /** Says which loop is meant where `type` is left out. */
  byEpoch: z.optional(z.literal(false)),
  maxIters: count,
  /** First iteration (1-based) after which to validate; default 1. */
  valBegin: z._default(count, 1),
  /** Iterations between validations; the last iteration is always validated. Default 1000. */
  valInterval: z._default(count, 1000),
  /** `[iteration, interval]` pairs: the interval that holds from that iteration on. */
  dynamicIntervals: z._default(z.array(z.tuple([count, count])), []),
});
export interface IterBasedTrainLoopOptions extends z.input<typeof iterBasedTrainLoopOptions> {}

/**
 * Trains iteration by iteration, pass after pass over the data as one long epoch, and validates between iterations. `epoch` stays 0;
 * the points of an epoch are reached once, around everything.
 */
export class IterBasedTrainLoop implements TrainLoop {
  static readonly entry = defineLoop<'IterBasedTrainLoop', typeof iterBasedTrainLoopOptions, IterBasedTrainLoopOptions>(
    {
      name: 'IterBasedTrainLoop',
      options: iterBasedTrainLoopOptions,
      create: (options, { args }) => new IterBasedTrainLoop(options, args),
      module: '@engine/runner',
      doc: 'Trains iteration by iteration and validates between iterations.',
    },
  );
  readonly byEpoch = false;
  /** Steps that each batch is trained on, each an iteration of its own: 1, unless a loop of your own says otherwise. */
  readonly stepsPerBatch: number = 1;
  readonly epoch = 0;
  readonly maxEpochs = 1;
  readonly dataloader: DataLoaderLike;
  readonly #options: z.output<typeof iterBasedTrainLoopOptions>;
  readonly #run: LoopRun;
  #iter = 0;
  #validationDue = false;
  /** True while the hooks of an iteration run that is finished and not counted yet. */
  #isClosing = false;

  constructor(options: IterBasedTrainLoopOptions, { run, dataloader }: LoopArgs) {
    this.#options = iterBasedTrainLoopOptions.parse(options);
    this.#run = run;
    this.dataloader = dataloader;
  }

  async run(): Promise<undefined> {
    const run = this.#run;
    await run.call('beforeTrain');
    await run.call('beforeTrainEpoch');
    if (this.#validationDue) await this.#validate();
    await this.#runIters();
    if (run.stopping) await run.saveBeforeStop();
    if (!run.interrupted) await run.call('afterTrainEpoch');
    await run.call('afterTrain');
  }

  async #runIters(): Promise<void> {
    const run = this.#run;
    if (this.#isOver) return;
    run.ctx.model.train();
    for await (const batch of endlessBatches(this.dataloader, { from: this.#batchesOf(this.#iter), run })) {
      do {
        await this.#runIter(batch);
        if (this.#validationDue && !run.interrupted) {
          await this.#validate();
          if (!this.#isOver) run.ctx.model.train();
        }
        if (this.#isOver) return;
      } while (this.#iter % this.stepsPerBatch > 0);
    }
  }

  get #isOver(): boolean {
    return this.#iter >= this.maxIters || this.#run.stopping;
  }

  async #runIter(batch: HostBatch): Promise<void> {
    const run = this.#run;
    const isDone = await trainIteration(run, {
      batchIdx: this.#iter,
      batch,
      iter: this.#iter,
      closing: (isClosing) => {
        this.#isClosing = isClosing;
      },
    });
    if (!isDone) return;
    this.#iter += 1;
    this.#validationDue = this.#isDueAfter(this.#iter);
    const pause = run.endStep();
    if (pause !== undefined) await pause;
  }

  async #validate(): Promise<void> {
    await this.#run.validate(() => {
      this.#validationDue = false;
    });
  }

  /** Batches whose steps have all been taken. */
  #batchesOf(iter: number): number {
    return Math.floor(iter / this.stepsPerBatch);
  }

  get position(): TrainPosition {
    const iter = this.#isClosing ? this.#iter + 1 : this.#iter;
    return {
      epoch: 0,
      iter,
      batchInEpoch: this.#batchesOf(iter) % passLength(this.dataloader),
      validationDue: this.#isClosing ? this.#isDueAfter(iter) : this.#validationDue,
    };
  }

  restore({ iter, validationDue: due }: TrainPosition): void {
    this.#iter = iter;
    this.#validationDue = due && this.#run.hasValidation;
  }

  #isDueAfter(iter: number): boolean {
    return this.#run.hasValidation && validationDue(iter, { ...this.#options, max: this.maxIters });
  }

  get iter(): number {
    return this.#iter;
  }
  get maxIters(): number {
    return this.#options.maxIters;
  }
  get stopRequested(): boolean {
    return this.#run.stopping;
  }
}

declare module '@engine/registry' {
  interface Loops {
    IterBasedTrainLoop: typeof IterBasedTrainLoop;
  }
}
