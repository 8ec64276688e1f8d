import type { DataLoaderLike } from '@engine/dataset';
import type { HostBatch } from '@engine/model';
import * as z from 'zod/mini';
import { defineLoop, type LoopArgs, type LoopRun, type TrainLoop, type TrainPosition } from './loop.js';
import { trainIteration } from './train-iteration.js';
import { validationDue } from './validation-schedule.js';

const count = z.int().check(z.positive());

const epochBasedTrainLoopOptions = z.strictObject({
  /** Says which loop is meant where `type` is left out. */
  byEpoch: z.optional(z.literal(true)),
  maxEpochs: count,
  /** First epoch (1-based) after which to validate; default 1. */
  valBegin: z._default(count, 1),
  /** Epochs between validations; the last epoch is always validated. Default 1. */
  valInterval: z._default(count, 1),
  /** `[epoch, interval]` pairs: the interval that holds from that epoch on. */
  dynamicIntervals: z._default(z.array(z.tuple([count, count])), []),
});
export interface EpochBasedTrainLoopOptions extends z.input<typeof epochBasedTrainLoopOptions> {}

/** Trains epoch by epoch and validates between epochs. */
export class EpochBasedTrainLoop implements TrainLoop {
  static readonly entry = defineLoop<
    'EpochBasedTrainLoop',
    typeof epochBasedTrainLoopOptions,
    EpochBasedTrainLoopOptions
  >({
    name: 'EpochBasedTrainLoop',
    options: epochBasedTrainLoopOptions,
    create: (options, { args }) => new EpochBasedTrainLoop(options, args),
    module: '@engine/runner',
    doc: 'Trains epoch by epoch and validates between epochs.',
  });
  readonly byEpoch = true;
  /** Steps that each batch is trained on, each an iteration of its own: 1, unless a loop of your own says otherwise. */
  readonly stepsPerBatch: number = 1;
  readonly dataloader: DataLoaderLike;
  readonly #options: z.output<typeof epochBasedTrainLoopOptions>;
  readonly #run: LoopRun;
  #epoch = 0;
  #iter = 0;
  #batch = 0;
  #validationDue = false;
  /** What has just been finished while its hooks run, and is not counted yet. */
  #finishing: 'iter' | 'epoch' | undefined;

  constructor(options: EpochBasedTrainLoopOptions, { run, dataloader }: LoopArgs) {
    this.#options = epochBasedTrainLoopOptions.parse(options);
    this.#run = run;
    this.dataloader = dataloader;
  }

  async run(): Promise<undefined> {
    const run = this.#run;
    await run.call('beforeTrain');
    if (this.#validationDue) await this.#validate();
    while (this.#epoch < this.maxEpochs && !run.stopping) {
      await this.#runEpoch();
      if (this.#validationDue && !run.interrupted) await this.#validate();
    }
    if (run.stopping) await run.saveBeforeStop();
    await run.call('afterTrain');
  }

  async #runEpoch(): Promise<void> {
    const run = this.#run;
    await run.call('beforeTrainEpoch');
    run.ctx.model.train();
    for await (const batch of this.dataloader.batches(this.#batch)) {
      await this.#runBatch(batch);
      if (run.stopping && this.#batch < this.dataloader.length) return;
    }
    this.#finishing = 'epoch';
    await run.call('afterTrainEpoch');
    ({ epoch: this.#epoch, batchInEpoch: this.#batch, validationDue: this.#validationDue } = this.position);
    this.#finishing = undefined;
  }

  /** Takes the steps of a batch that have not been taken; leaves between two of them when the run is to stop. */
  async #runBatch(batch: HostBatch): Promise<void> {
    const steps = this.stepsPerBatch;
    do {
      if (!(await this.#runIter(batch))) return;
      if (this.#iter % steps > 0 && this.#run.stopping) return;
    } while (this.#iter % steps > 0);
    this.#batch += 1;
  }

  /** False when nothing was done. */
  async #runIter(batch: HostBatch): Promise<boolean> {
    const run = this.#run;
    const isDone = await trainIteration(run, {
      batchIdx: this.#batch,
      batch,
      iter: this.#iter,
      closing: (isClosing) => {
        this.#finishing = isClosing ? 'iter' : undefined;
      },
    });
    if (!isDone) return false;
    this.#iter += 1;
    const pause = run.endStep();
    if (pause !== undefined) await pause;
    return true;
  }

  async #validate(): Promise<void> {
    await this.#run.validate(() => {
      this.#validationDue = false;
    });
  }

  get position(): TrainPosition {
    const { epoch, iter, batchInEpoch } = { epoch: this.#epoch, iter: this.#iter, batchInEpoch: this.#batch };
    if (this.#finishing === 'iter') {
      const finished = (iter + 1) % this.stepsPerBatch === 0 ? 1 : 0;
      return { epoch, iter: iter + 1, batchInEpoch: batchInEpoch + finished, validationDue: false };
    }
    if (this.#finishing === 'epoch')
      return { epoch: epoch + 1, iter, batchInEpoch: 0, validationDue: this.#isDueAfter(epoch + 1) };
    return { epoch, iter, batchInEpoch, validationDue: this.#validationDue };
  }

  restore({ epoch, iter, batchInEpoch, validationDue: due }: TrainPosition): void {
    [this.#epoch, this.#iter, this.#batch] = [epoch, iter, batchInEpoch];
    this.#validationDue = due && this.#run.hasValidation;
  }

  #isDueAfter(epoch: number): boolean {
    return this.#run.hasValidation && validationDue(epoch, { ...this.#options, max: this.maxEpochs });
  }

  get epoch(): number {
    return this.#epoch;
  }
  get iter(): number {
    return this.#iter;
  }
  get maxEpochs(): number {
    return this.#options.maxEpochs;
  }
  get maxIters(): number {
    return this.maxEpochs * this.dataloader.length * this.stepsPerBatch;
  }
  get stopRequested(): boolean {
    return this.#run.stopping;
  }
}

declare module '@engine/registry' {
  interface Loops {
    EpochBasedTrainLoop: typeof EpochBasedTrainLoop;
  }
}
