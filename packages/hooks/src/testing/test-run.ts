import {
  type Backend,
  type Communicator,
  type EngineError,
  type Platform,
  type StepOutputs,
  silentLogger,
  singleProcess,
  TensorOwner,
  tensorScope,
} from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { MetricValues } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import { LogProcessor, MessageHub, type ProgressLine, type ProgressState } from '@engine/logging';
import type { HostBatch, TrainableModel } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
import type { ParamScheduler } from '@engine/scheduler';
import { Visualizer } from '@engine/visualization';
import type * as tf from '@tensorflow/tfjs-core';
import type { SaveOptions } from '../checkpoint.js';
import { hooksErrors } from '../errors.js';
import { everyN } from '../every-n.js';
import { HookList } from '../hook-list.js';
import type { HookCallListener, LoopView, RunContext } from '../run-context.js';

export interface TestRunOptions {
  readonly maxEpochs?: number;
  /** Batches an epoch. */
  readonly length?: number;
  readonly platform: Platform;
  readonly backend: Backend;
  readonly model: TrainableModel;
  readonly optimWrapper?: OptimWrapperLike;
  readonly paramSchedulers?: readonly ParamScheduler[];
  readonly communicator?: Communicator;
}

/** A run small enough for a test: real services over memory, positions that the test moves itself. */
export class TestRun implements RunContext {
  readonly workDir = '/run';
  readonly logDir = '/run/20260102_030405';
  readonly timestamp = '20260102_030405';
  readonly experimentName = 'test_20260102_030405';
  readonly seed = 0;
  readonly engineVersion = '0.0.0';
  readonly config = {};
  resumed = false;
  readonly maxEpochs: number;
  readonly maxIters: number;
  readonly backend: Backend;
  readonly optimWrapper: OptimWrapperLike | undefined;
  readonly paramSchedulers: readonly ParamScheduler[];
  readonly communicator: Communicator;
  readonly platform: Platform;
  readonly messageHub = new MessageHub();
  readonly logProcessor = new LogProcessor();
  readonly visualizer = new Visualizer({ visBackends: [], saveDir: '/run' });
  readonly storage = new MemoryStorage();
  lastMetrics: MetricValues | undefined;
  /** Everything logged at level INFO and above, in order. */
  readonly logged: string[] = [];
  /** What the progress line was told. */
  readonly progressed: ProgressState[] = [];
  /** File names given to `saveCheckpoint`. */
  readonly saved: string[] = [];
  lastCheckpoint: string | undefined;
  stopReason: string | undefined;
  isMidStep = false;
  epoch = 0;
  iter = 0;
  readonly #owner = new TensorOwner();
  readonly #loader: DataLoaderLike;
  readonly #model: TrainableModel;
  #standIn: TrainableModel | undefined;

  readonly logger = {
    ...silentLogger,
    info: (message: string): void => void this.logged.push(message),
    warn: (message: string): void => void this.logged.push(`WARNING ${message}`),
    error: (message: string): void => void this.logged.push(`ERROR ${message}`),
  };
  readonly progress: ProgressLine = {
    update: (state) => void this.progressed.push(state),
    clear: () => {},
  };

  constructor(options: TestRunOptions) {
    const { maxEpochs = 2, length = 4 } = options;
    this.maxEpochs = maxEpochs;
    this.maxIters = maxEpochs * length;
    this.platform = options.platform;
    this.backend = options.backend;
    this.#model = options.model;
    this.optimWrapper = options.optimWrapper;
    this.paramSchedulers = options.paramSchedulers ?? [];
    this.communicator = options.communicator ?? singleProcess;
    this.#loader = emptyLoader(length);
  }

  get model(): TrainableModel {
    return this.#standIn ?? this.#model;
  }
  get parameters(): ReturnType<TrainableModel['namedParameters']> {
    return this.model.namedParameters();
  }
  get isMainProcess(): boolean {
    return this.communicator.rank === 0;
  }
  get trainLoop(): LoopView {
    const { epoch, iter, maxEpochs, maxIters } = this;
    return {
      byEpoch: true,
      epoch,
      iter,
      maxEpochs,
      maxIters,
      dataloader: this.#loader,
      stopRequested: this.stopReason !== undefined,
    };
  }
  get valLoop(): { readonly dataloader: DataLoaderLike } {
    return { dataloader: this.#loader };
  }
  get testLoop(): { readonly dataloader: DataLoaderLike } {
    return { dataloader: this.#loader };
  }
  get keptTensors(): number {
    return this.#owner.size;
  }

  everyNTrainIters(n: number, start = 0): boolean {
    return everyN(this.iter, n, start);
  }
  everyNEpochs(n: number, start = 0): boolean {
    return everyN(this.epoch, n, start);
  }
  everyNInnerIters(batchIdx: number, n: number): boolean {
    return everyN(batchIdx, n);
  }
  isLastTrainIter(): boolean {
    return this.iter + 1 === this.maxIters;
  }
  isLastTrainEpoch(): boolean {
    return this.epoch + 1 === this.maxEpochs;
  }

  tidy<T>(fn: () => T): T {
    return tensorScope(fn);
  }
  keep<T extends tf.Tensor>(key: string, tensor: T): T {
    return this.#owner.keep(key, tensor);
  }
  requestStop(reason: string): void {
    this.stopReason = reason;
  }
  async saveCheckpoint({ fileName, outDir, whenSaved, replaces = [] }: SaveOptions): Promise<string> {
    const path = this.storage.join(outDir ?? this.workDir, fileName);
    await this.storage.putAtomic(path, new TextEncoder().encode(`epoch ${this.epoch} iter ${this.iter}`));
    this.saved.push(fileName);
    await whenSaved?.(path);
    for (const name of this.isMainProcess ? replaces : [])
      await this.storage.remove(this.storage.join(outDir ?? this.workDir, name));
    return path;
  }
  async markLastCheckpoint(path: string): Promise<void> {
    this.lastCheckpoint = path;
  }
  /** File names given to `publishCheckpoint`, with the keys. */
  readonly published: [path: string, keys: readonly string[]][] = [];
  async publishCheckpoint(path: string, keys: readonly string[]): Promise<string> {
    this.published.push([path, keys]);
    return `${path.replace(/\.[^.]*$/, '')}-00000000.safetensors`;
  }
  useModel(model: TrainableModel | undefined): void {
    this.#standIn = model;
  }
  /** The hooks that the run calls; those who listen hear of their calls. */
  hooks = new HookList();
  readonly onHookCall = (listener: HookCallListener): (() => void) => this.hooks.listen(listener);
  fail(
    message: string,
    parts: { readonly expected?: string; readonly action?: string; readonly cause?: unknown } = {},
  ): EngineError {
    return hooksErrors.FAILED({
      expected: parts.expected ?? '',
      received: message,
      action: parts.action ?? '',
      cause: parts.cause,
    });
  }

  /** One training step; the caller frees the outputs. */
  trainStep(batch: HostBatch): StepOutputs {
    if (this.optimWrapper === undefined) throw this.fail('this run has no optimWrapper');
    const { optimWrapper } = this;
    return tensorScope(() => this.model.trainStep(batch, optimWrapper));
  }

  /** Predictions of one batch; the caller frees their tensors. */
  valStep(batch: HostBatch): unknown {
    return tensorScope(() => this.model.eval().valStep(batch)).predictions;
  }

  /** Frees everything the run and its model hold. */
  async close(): Promise<void> {
    await this.messageHub.flush();
    this.#owner.dispose();
    this.messageHub.dispose();
    this.optimWrapper?.dispose();
    this.model.dispose();
  }
}

function emptyLoader(length: number): DataLoaderLike {
  let epoch = 0;
  return {
    dataset: { metainfo: {}, length: 0, init: async () => {}, get: () => null },
    sampler: { length: 0, indices: () => [] },
    length,
    batchSize: 1,
    init: async () => {},
    setEpoch: (next) => {
      epoch = next;
    },
    get epoch() {
      return epoch;
    },
    batches: async function* () {},
    close: async () => {},
  };
}
