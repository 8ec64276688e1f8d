/** One call of `train()`, `val()` or `test()`: what hooks see of it (RunContext) and what loops get from it (LoopRun). */
import type {
  Backend,
  Communicator,
  EngineError,
  JsonObject,
  ParameterLike,
  Platform,
  StepOutputs,
  StopSignal,
} from '@engine/core';
import { TensorOwner, tensorScope } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import type { StorageBackend } from '@engine/fileio';
import {
  everyN,
  type HookCallListener,
  type HookInfo,
  type HookList,
  type HookPoint,
  type RunContext,
  type SaveOptions,
} from '@engine/hooks';
import type { LogProcessorLike, MessageHub, ProgressLine, RunLogger } from '@engine/logging';
import type { HostBatch, TrainableModel } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
import type { ParamScheduler } from '@engine/scheduler';
import type { VisualizerLike } from '@engine/visualization';
import type * as tf from '@tensorflow/tfjs-core';
import type { BatchExchange } from './batch-exchange.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { runnerErrors } from './errors.js';
import type { Loop, LoopRun, TrainLoop, TrainPosition } from './loop.js';
import type { LossGuard } from './loss-guard.js';
import { publishCheckpoint } from './publish-checkpoint.js';
import type { StopSignals } from './stop-signals.js';
import { ENGINE_VERSION } from './version.js';
import type { WorkDir } from './work-dir.js';

/** Longest time in milliseconds for which timers, signals and the terminal wait. */
const TURN = 50;

/** What is there before the first hook is called. */
export interface RunParts {
  readonly dir: WorkDir;
  readonly experimentName: string;
  readonly seed: number;
  /** Adds the rank to the seed of a step's noise. */
  readonly diffRankSeed: boolean;
  readonly config: JsonObject;
  readonly backend: Backend;
  readonly model: TrainableModel;
  readonly hooks: HookList;
  readonly logger: RunLogger;
  readonly messageHub: MessageHub;
  readonly logProcessor: LogProcessorLike;
  readonly visualizer: VisualizerLike;
  readonly progress: ProgressLine;
  readonly storage: StorageBackend;
  readonly platform: Platform;
  readonly communicator: Communicator;
}

/** What a call trains or evaluates with; absent parts were not asked for. */
export interface RunLoops {
  trainLoop?: TrainLoop;
  valLoop?: Loop;
  testLoop?: Loop;
  optimWrapper?: OptimWrapperLike;
  paramSchedulers?: readonly ParamScheduler[];
}

export class Run implements RunContext, LoopRun {
  readonly experimentName: string;
  readonly seed: number;
  readonly engineVersion = ENGINE_VERSION;
  readonly config: JsonObject;
  readonly backend: Backend;
  readonly logger: RunLogger;
  readonly messageHub: MessageHub;
  readonly logProcessor: LogProcessorLike;
  readonly visualizer: VisualizerLike;
  readonly progress: ProgressLine;
  readonly storage: StorageBackend;
  readonly platform: Platform;
  readonly communicator: Communicator;
  readonly hooks: HookList;
  readonly dir: WorkDir;
  readonly loops: RunLoops = {};
  resumed = false;
  lastMetrics: MetricValues | undefined;
  /** Set before the first checkpoint can be saved. */
  checkpoints: CheckpointStore | undefined;
  lossGuard: LossGuard | undefined;
  /** To whom batches are handed when the caller of `trainBatches()` does the steps. */
  exchange: BatchExchange | undefined;
  /** Draws what PyTorch draws for each pass over a data loader, where a run draws as PyTorch does. */
  onPass: (() => void) | undefined;
  #signals: StopSignals | undefined;
  readonly #owner = new TensorOwner();
  #parameters: ReadonlyMap<string, ParameterLike> | undefined;
  #stopReason: string | undefined;
  #onMetrics: (() => void) | undefined;
  #turnDue = 0;
  readonly #model: TrainableModel;
  #standIn: TrainableModel | undefined;
  /** Set while a step, its hooks, or those at the end of an epoch are under way; stays when one throws. */
  isMidStep = false;
  readonly #seedShift: number;

  constructor(parts: RunParts) {
    this.dir = parts.dir;
    this.experimentName = parts.experimentName;
    this.seed = parts.seed;
    this.#seedShift = parts.diffRankSeed ? parts.communicator.rank : 0;
    this.config = parts.config;
    this.backend = parts.backend;
    this.#model = parts.model;
    this.hooks = parts.hooks;
    this.logger = parts.logger;
    this.messageHub = parts.messageHub;
    this.logProcessor = parts.logProcessor;
    this.visualizer = parts.visualizer;
    this.progress = parts.progress;
    this.storage = parts.storage;
    this.platform = parts.platform;
    this.communicator = parts.communicator;
  }

  /** Starts a call of `train()`, `val()` or `test()`. */
  begin(signals: StopSignals): void {
    this.#signals = signals;
    this.#stopReason = undefined;
    this.#standIn = undefined;
    this.isMidStep = false;
  }

  get model(): TrainableModel {
    return this.#standIn ?? this.#model;
  }
  useModel(model: TrainableModel | undefined): void {
    this.#standIn = model;
  }

  get ctx(): RunContext {
    return this;
  }
  get workDir(): string {
    return this.dir.path;
  }
  get logDir(): string {
    return this.dir.logDir;
  }
  get timestamp(): string {
    return this.dir.timestamp;
  }
  get epoch(): number {
    return this.loops.trainLoop?.epoch ?? 0;
  }
  get iter(): number {
    return this.loops.trainLoop?.iter ?? 0;
  }
  get maxEpochs(): number {
    return this.loops.trainLoop?.maxEpochs ?? 0;
  }
  get maxIters(): number {
    return this.loops.trainLoop?.maxIters ?? 0;
  }
  get trainLoop(): TrainLoop | undefined {
    return this.loops.trainLoop;
  }
  get valLoop(): Loop | undefined {
    return this.loops.valLoop;
  }
  get testLoop(): Loop | undefined {
    return this.loops.testLoop;
  }
  get parameters(): ReadonlyMap<string, ParameterLike> {
    this.#parameters ??= this.model.namedParameters();
    return this.#parameters;
  }
  get optimWrapper(): OptimWrapperLike | undefined {
    return this.loops.optimWrapper;
  }
  get paramSchedulers(): readonly ParamScheduler[] {
    return this.loops.paramSchedulers ?? [];
  }
  get isMainProcess(): boolean {
    return this.communicator.rank === 0;
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
  get keptTensors(): number {
    return this.#owner.size;
  }

  requestStop(reason: string): void {
    this.#stopReason ??= reason;
  }
  get stopReason(): string | undefined {
    return this.#stopReason;
  }
  get stoppedBy(): StopSignal | undefined {
    return this.#signals?.received;
  }
  get interrupted(): boolean {
    return this.#signals?.received !== undefined;
  }
  get stopping(): boolean {
    return this.interrupted || this.#stopReason !== undefined;
  }

  async saveCheckpoint(options: SaveOptions): Promise<string> {
    return this.#store.save(this, options);
  }
  async markLastCheckpoint(path: string): Promise<void> {
    await this.#store.markLast(this, path);
  }
  async publishCheckpoint(path: string, keys: readonly string[]): Promise<string> {
    await this.checkpoints?.flush();
    return publishCheckpoint(this.storage, path, keys);
  }
  get #store(): CheckpointStore {
    if (this.checkpoints === undefined)
      throw this.fail('a checkpoint was asked for before training was set up', {
        action: 'save in beforeTrain or later',
      });
    return this.checkpoints;
  }

  fail(
    message: string,
    parts: { readonly expected?: string; readonly action?: string; readonly cause?: unknown } = {},
  ): EngineError {
    return runnerErrors.HOOK_STOPPED({
      subject: this.hooks.running,
      expected: parts.expected ?? 'a run that can go on',
      received: `${message}, at epoch ${this.epoch}, iter ${this.iter}`,
      action: parts.action ?? 'see the hook that ended the run',
      cause: parts.cause,
    });
  }

  call<P extends HookPoint>(
    point: P,
    ...info: HookInfo<P> extends undefined ? [] : [info: HookInfo<P>]
  ): Promise<void> {
    if (point === 'afterTrainEpoch') return this.#callAtEnd(point, ...info);
    if (point === 'afterTrain') return this.#callWhenSaved(point, ...info);
    return this.hooks.call(point, this, ...info);
  }

  /** What hooks do at the end they do with files that are there. */
  async #callWhenSaved<P extends HookPoint>(
    point: P,
    ...info: HookInfo<P> extends undefined ? [] : [info: HookInfo<P>]
  ): Promise<void> {
    await this.checkpoints?.flush();
    await this.hooks.call(point, this, ...info);
  }

  async #callAtEnd<P extends HookPoint>(
    point: P,
    ...info: HookInfo<P> extends undefined ? [] : [info: HookInfo<P>]
  ): Promise<void> {
    this.isMidStep = true;
    await this.hooks.call(point, this, ...info);
    this.isMidStep = false;
  }

  readonly onHookCall = (listener: HookCallListener): (() => void) => this.hooks.listen(listener);

  beginStep(iter: number): void {
    this.isMidStep = true;
    this.model.beginStep?.({ seed: this.seed + this.#seedShift, iteration: iter });
  }

  step(batch: HostBatch): StepOutputs | Promise<StepOutputs | undefined> {
    if (this.exchange !== undefined) return this.#handOut(batch, this.exchange);
    return tensorScope(() => this.model.trainStep(batch, this.loops.optimWrapper as OptimWrapperLike));
  }

  async #handOut(batch: HostBatch, exchange: BatchExchange): Promise<StepOutputs | undefined> {
    const outputs = await exchange.hand(batch);
    if (outputs === undefined) this.isMidStep = false;
    return outputs;
  }

  beginPass(): void {
    this.onPass?.();
  }

  endStep(): Promise<void> | undefined {
    this.isMidStep = false;
    const settling = this.optimWrapper?.settle?.();
    return settling === undefined ? this.#endStep() : settling.then(() => this.#endStep());
  }

  #endStep(): Promise<void> | undefined {
    const errorOf = this.lossGuard?.find(this.optimWrapper?.skippedInRow);
    if (errorOf !== undefined) return this.#failWhenSaved(errorOf);
    this.checkpoints?.check();
    // A save in the background goes on between steps.
    if (this.checkpoints?.isWriting !== true && this.platform.monotonic() < this.#turnDue) return undefined;
    return this.#takeTurn();
  }

  /** Looks at what has been read back of losses and gradients. @throws `ENGINE_RUNNER_NON_FINITE_LOSS`, `_NON_FINITE_GRADIENT` */
  checkNumbers(): void {
    this.lossGuard?.check(this.checkpoints?.lastGood, this.optimWrapper?.skippedInRow);
  }

  /** Names the checkpoint that may be on its way still. */
  async #failWhenSaved(errorOf: (lastCheckpoint: string | undefined) => Error): Promise<never> {
    await this.checkpoints?.flush();
    throw errorOf(this.checkpoints?.lastGood);
  }

  async #takeTurn(): Promise<void> {
    await this.platform.yieldToEventLoop();
    this.#turnDue = this.platform.monotonic() + TURN;
  }

  get hasValidation(): boolean {
    return this.loops.valLoop !== undefined;
  }

  async validate(onMetrics: () => void): Promise<void> {
    this.#onMetrics = onMetrics;
    const metrics = await this.loops.valLoop?.run();
    if (metrics !== undefined) this.recordMetrics(metrics);
  }

  recordMetrics(metrics: MetricValues): void {
    this.lastMetrics = metrics;
    this.#onMetrics?.();
    this.#onMetrics = undefined;
  }

  async saveBeforeStop(): Promise<void> {
    await this.checkpoints?.flush();
    const { position, byEpoch } = this.loops.trainLoop ?? {};
    if (position === undefined || this.checkpoints?.isSaved(position) === true) return;
    if (!this.interrupted && byEpoch === true && position.batchInEpoch === 0) return;
    const path = await this.saveCheckpoint({ fileName: `iter_${position.iter}.safetensors` });
    await this.markLastCheckpoint(path);
  }

  /** Where a checkpoint saved now would continue. */
  get position(): TrainPosition {
    return this.loops.trainLoop?.position ?? { epoch: 0, iter: 0, batchInEpoch: 0, validationDue: false };
  }

  /** Frees what hooks keep and the hub has not read. */
  dispose(): void {
    this.#owner.dispose();
    this.messageHub.dispose();
  }
}
