import { Config, customImportsOf, type EngineConfig, engineOptions, importCustom } from '@engine/config';
import {
  EngineError,
  formatLocation,
  type JsonObject,
  type StepOutputs,
  type StopSignal,
  silentLogger,
  tensorScope,
} from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import type { RegisteredHook } from '@engine/hooks';
import { type HostBatch, type ModelSummary, summarizeModel, type TrainableModel } from '@engine/model';
import type { Losses, OptimWrapperLike, UpdateOutputs } from '@engine/optim';
import { toCamelCase } from '@engine/registry';
import { BatchExchange } from './batch-exchange.js';
import { runnerErrors } from './errors.js';
import { type FindBatchSizeRequest, type FoundBatchSize, findBatchSize } from './find-batch-size.js';
import { type FindLrRequest, type FoundLr, findLr } from './find-lr.js';
import { checkOptions, isGiven, parsePlainOptions, type RunnerOptions } from './options.js';
import type { Run } from './run.js';
import { type RunnerRuntime, type Runtime, resolveRuntime } from './runtime.js';
import { foresee, type Schedule, type ScheduleRequest } from './schedule.js';
import { Session, type SessionInit } from './session.js';
import { evaluate, train } from './training.js';
import { probeTraining } from './training-probe.js';

/** How a training ended. */
export interface TrainResult {
  /** The signal that ended it early, after a checkpoint was saved. */
  readonly stoppedBy: StopSignal | undefined;
  /** Of the last validation. */
  readonly metrics: MetricValues | undefined;
  /** What `resume` would continue from. */
  readonly checkpoint: string | undefined;
  readonly logFile: string;
}

type Stage = 'train' | 'val' | 'test';

/**
 * Trains, validates and tests a model as its options say. Making one is cheap and opens nothing; the first call of `train()`,
 * `val()` or `test()` does.
 */
export class Runner {
  readonly #init: Omit<SessionInit, 'runtime'>;
  readonly #runtime: RunnerRuntime;
  #session: Session | undefined;
  #isRunning = false;

  /** @throws `ENGINE_RUNNER_INCOMPLETE`, `_SCHEDULER_WITHOUT_OPTIMIZER`, `_BAD_SCHEDULER`, `ENGINE_CONFIG_UNKNOWN_KEY`, `ENGINE_REGISTRY_*` */
  constructor(options: RunnerOptions, runtime: RunnerRuntime = {}) {
    const { cfg, ...given } = options;
    const sorted = engineOptions(Config.fromData(given));
    checkOptions(sorted.options);
    const config = cfg ?? Config.fromData(given);
    const where = {
      pathOf: cfg === undefined ? sorted.pathOf : engineOptions(cfg).pathOf,
      locate: runtime.locate ?? cfg?.locate,
    };
    // The values as given, not as the config holds them: it copies literals, and one may be an object of the user's.
    const values = given as Readonly<Record<string, unknown>>;
    const sameObjects = Object.keys(sorted.options).map((key) => [key, values[sorted.pathOf(key)]]);
    const configText = recorded(config).toJson();
    this.#init = {
      options: Object.fromEntries(sameObjects) as SessionInit['options'],
      plain: parsePlainOptions(sorted.options, where),
      ...where,
      config: JSON.parse(configText) as JsonObject,
      configFile: cfg?.files.at(-1),
      configText,
      warnings: config.warnings.map(({ message, at }) =>
        at === undefined ? message : `${message}   at ${formatLocation(at)}`,
      ),
    };
    this.#runtime = runtime;
  }

  /**
   * A runner of a loaded config, or of the same as plain data, of the class that its `runnerType` says; imports what `customImports` names
   * into the registry.
   */
  static async fromConfig(config: Config | EngineConfig, runtime: RunnerRuntime = {}): Promise<Runner> {
    let cfg = config instanceof Config ? config : Config.fromData(config);
    const { options, pathOf } = engineOptions(cfg);
    const { runnerType } = options;
    let complete = runtime;
    if (customImportsOf(cfg).imports.length > 0 || isGiven(runnerType)) {
      const { platform, registry, storage } = await resolveRuntime(runtime);
      cfg = await importCustom(cfg, { registry, importModule: (specifier, from) => platform.import(specifier, from) });
      complete = { ...runtime, platform, registry, storage };
    }
    const given = { ...(options as unknown as RunnerOptions), cfg };
    if (!isGiven(runnerType) || complete.registry === undefined) return new Runner(given, complete);
    const made = complete.registry.build('runner', { type: runnerType } as never, {
      args: { options: given, runtime: complete },
      path: pathOf('runnerType'),
      locate: cfg.locate,
    });
    if (made instanceof Runner) return made;
    throw runnerErrors.BAD_COMPONENT({
      subject: pathOf('runnerType'),
      expected: 'a class that extends Runner',
      received: String(made),
      action: 'extend Runner, and register it with defineRunner',
    });
  }

  /** The model, once a call has built it. */
  get model(): TrainableModel | undefined {
    return this.#session?.run.model;
  }

  /** The hooks in the order in which they are called, with their priorities, once a call has built them. */
  get hooks(): readonly RegisteredHook[] {
    return this.#session?.run.hooks.registered ?? [];
  }

  /** The hooks of each point, as MMEngine lists them; empty until a call has built them. */
  describeHooks(): string {
    return this.#session?.run.hooks.describe() ?? '';
  }

  /** The signal that ended the last call early. */
  get stoppedBy(): StopSignal | undefined {
    return this.#session?.run.stoppedBy;
  }

  /** Absolute path of the work dir, and of this runner's folder in it, once a call has opened them. */
  get workDir(): string | undefined {
    return this.#session?.run.workDir;
  }
  get logDir(): string | undefined {
    return this.#session?.run.logDir;
  }

  /**
   * Trains to the end, or until a signal or a hook stops it; then a checkpoint is saved and the promise resolves all the same.
   * @throws `ENGINE_RUNNER_*`, and whatever a part of the run throws; the log says which checkpoint is the last good one
   */
  async train(): Promise<TrainResult> {
    return this.#train(undefined);
  }

  async #train(exchange: BatchExchange | undefined): Promise<TrainResult> {
    return this.#call('train', async (session) => {
      const { run } = session;
      run.exchange = exchange;
      await train(session);
      return {
        stoppedBy: run.stoppedBy,
        metrics: run.lastMetrics,
        checkpoint: run.checkpoints?.lastGood,
        logFile: run.dir.logFile,
      };
    });
  }

  /**
   * Trains as `train()` does, with steps of your own: hands out the batches one after the other, and everything around them works as ever,
   * validation, hooks, logs, checkpoints and resume. Take the step inside the loop's body with `trainStep` or `updateParams`.
   * Leaving the loop early stops the run after a checkpoint.
   *
   * ```ts
   * for await (const batch of runner.trainBatches()) runner.trainStep(batch);
   * ```
   * @throws as `train()`
   */
  async *trainBatches(): AsyncGenerator<HostBatch, TrainResult | undefined, undefined> {
    const exchange = new BatchExchange();
    let failure: { readonly error: unknown } | undefined;
    let result: TrainResult | undefined;
    const training = this.#train(exchange)
      .then((value) => {
        result = value;
      })
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => exchange.end());
    try {
      for (let batch = await exchange.take(); batch !== undefined; batch = await exchange.take()) yield batch;
    } finally {
      if (result === undefined && failure === undefined) this.#session?.run.requestStop('the loop was left');
      exchange.leave();
      await training;
    }
    if (failure !== undefined) throw failure.error;
    return result;
  }

  /** The model's own step on a batch of `trainBatches()`. The outputs are freed when the next batch is asked for. */
  trainStep(batch: HostBatch): StepOutputs {
    const { run, exchange } = this.#handing('trainStep');
    const outputs = tensorScope(() => run.model.trainStep(batch, run.optimWrapper as OptimWrapperLike));
    exchange.report(outputs);
    return outputs;
  }

  /**
   * One update with losses of your own, for a batch of `trainBatches()`: differentiates `lossFn`, which runs in a tensor scope. The outputs
   * are freed when the next batch is asked for.
   */
  updateParams<L extends Losses>(lossFn: () => L): UpdateOutputs<L> {
    const { run, exchange } = this.#handing('updateParams');
    const outputs = tensorScope(() => (run.optimWrapper as OptimWrapperLike).updateParams(lossFn));
    exchange.report(outputs);
    return outputs;
  }

  /** Validates with the weights at hand: trained here, of `loadFrom`, or initial. Empty when a signal cut it short. */
  async val(): Promise<MetricValues> {
    return this.#call('val', (session) => evaluate(session, 'val'));
  }

  /** Tests likewise. */
  async test(): Promise<MetricValues> {
    return this.#call('test', (session) => evaluate(session, 'test'));
  }

  /**
   * What the parameter schedulers will set in each iteration, without training: opens no work dir, and with `epochLength`
   * no data. Objects that the options hold are left as they were.
   * @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, `_EPOCH_LENGTH_UNKNOWN`, and what building model, optimizer and schedulers throws
   */
  async schedule(request: ScheduleRequest = {}): Promise<Schedule> {
    return foresee({ ...this.#init, runtime: await resolveRuntime(this.#runtime) }, silentLogger, request);
  }

  /**
   * The learning rate range test: trains with a growing learning rate and watches the loss. Opens no work dir; weights and state of objects
   * that the options hold are as before afterwards. @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, and what building and training throw
   */
  async findLr(request: FindLrRequest = {}): Promise<FoundLr> {
    return findLr({ ...this.#init, runtime: await resolveRuntime(this.#runtime) }, silentLogger, request);
  }

  /** Tries batch sizes, as {@link findLr} tries learning rates. @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, `_BATCH_SIZE_GIVEN` */
  async findBatchSize(request: FindBatchSizeRequest = {}): Promise<FoundBatchSize> {
    return findBatchSize({ ...this.#init, runtime: await resolveRuntime(this.#runtime) }, silentLogger, request);
  }

  /** Layers, shapes, parameters and multiply-adds of the model, for the first training batch. Leaves nothing behind. */
  async summarize(): Promise<ModelSummary> {
    const init = { ...this.#init, runtime: await resolveRuntime(this.#runtime) };
    return probeTraining(init, { logger: silentLogger, asked: 'summarize' }, async ({ model, batches }) => {
      const source = batches();
      const { value: batch } = await source.next();
      await source.return(undefined as never);
      return summarizeModel(model, batch);
    });
  }

  /** Frees the state of optimizer and hooks, and the model and the backend where a config made them. The runner cannot be used afterwards. */
  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.run.optimWrapper?.dispose();
    session.run.hooks.dispose();
    const { model, backend } = this.#init.options;
    if (session.run.model !== model) session.run.model.dispose();
    if (session.backend !== backend) await session.backend.dispose();
  }

  async #call<T>(stage: Stage, body: (session: Session) => Promise<T>): Promise<T> {
    this.#checkCall(stage);
    this.#isRunning = true;
    try {
      const isFirst = this.#session === undefined;
      const session = await this.#open(stage === 'train');
      return await inSession(session, { exclusive: stage === 'train', isFirst }, body);
    } finally {
      this.#isRunning = false;
    }
  }

  #handing(method: string): { readonly run: Run; readonly exchange: BatchExchange } {
    const run = this.#session?.run;
    if (this.#isRunning && run?.exchange !== undefined) return { run, exchange: run.exchange };
    throw runnerErrors.NO_BATCH({
      subject: `runner.${method}()`,
      expected: 'a call inside the body of `for await (const batch of runner.trainBatches())`',
      received: 'a call elsewhere',
      action: 'move it there, or let runner.train() do the steps',
    });
  }

  /** Called once, before anything is opened: for runners of your own that prepare their process. */
  protected setUpEnv(_runtime: Runtime): void | Promise<void> {}

  async #open(exclusive: boolean): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    const runtime = await resolveRuntime(this.#runtime);
    await this.setUpEnv(runtime);
    this.#session = await Session.open({ ...this.#init, runtime }, exclusive);
    return this.#session;
  }

  #checkCall(stage: Stage): void {
    if (this.#isRunning) {
      throw runnerErrors.ALREADY_RUNNING({
        subject: `runner.${stage}()`,
        expected: 'one call at a time',
        received: 'a call while another has not ended',
        action: 'await the earlier call first',
      });
    }
    if (isGiven(this.#init.options[`${stage}Cfg`])) return;
    throw runnerErrors.NOTHING_TO_RUN({
      subject: `runner.${stage}()`,
      expected: `${stage}Dataloader, ${stage}Cfg and ${stage === 'train' ? 'optimWrapper' : `${stage}Evaluator`} in the options`,
      received: `no ${stage}Cfg`,
      action: `give them, or do not call ${stage}()`,
    });
  }
}

/** What is written down of a config: not the permission for changes, which is given for one start. */
function recorded(config: Config): Config {
  const entries = Object.entries(config.data).filter(([key]) => toCamelCase(key) !== 'allowChanges');
  return Config.fromData(Object.fromEntries(entries));
}

/** Whatever happens inside, hooks get their `afterRun` and everything is closed; the first error is the one thrown. */
async function inSession<T>(
  session: Session,
  how: { exclusive: boolean; isFirst: boolean },
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const { run } = session;
  try {
    await session.begin(how.exclusive, how.isFirst);
    const result = await body(session).catch(async (error: unknown) => {
      run.progress.clear();
      await run.checkpoints?.flush().catch((later: unknown) => later !== error && run.logger.error(String(later)));
      run.logger.debug(error instanceof Error ? (error.stack ?? error.message) : String(error));
      await run
        .call('onException', { error })
        .catch((later: unknown) => run.logger.error(`onException failed too: ${String(later)}`));
      run.logger.error(failureLine(session, error));
      await run.call('afterRun').catch((later: unknown) => run.logger.error(`afterRun failed too: ${String(later)}`));
      throw error;
    });
    await run.call('afterRun');
    return result;
  } finally {
    await session.end();
  }
}

function failureLine(session: Session, error: unknown): string {
  const { epoch, iter } = session.run;
  const what = error instanceof EngineError ? error.code : String(error);
  return `The run failed at epoch ${epoch}, iter ${iter}: ${what}; ${whatIsLeft(session)}.`;
}

function whatIsLeft({ run, start }: Session): string {
  const last = run.checkpoints?.lastGood;
  if (last !== undefined) return `the last good checkpoint is ${run.dir.show(last)}; continue with --resume`;
  return start?.how === 'resume' ? `${run.dir.show(start.checkpoint.path)} is as it was` : 'no checkpoint was saved';
}
