import { Config, customImportsOf, type EngineConfig, engineOptions, importCustom } from '@engine/config';
import { EngineError, formatLocation, type JsonObject, type StopSignal, silentLogger } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import { type ModelSummary, summarizeModel, type TrainableModel } from '@engine/model';
import { runnerErrors } from './errors.js';
import { type FindBatchSizeRequest, type FoundBatchSize, findBatchSize } from './find-batch-size.js';
import { type FindLrRequest, type FoundLr, findLr } from './find-lr.js';
import { checkOptions, isGiven, parsePlainOptions, type RunnerOptions } from './options.js';
import { type RunnerRuntime, resolveRuntime } from './runtime.js';
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
    this.#init = {
      options: Object.fromEntries(sameObjects) as SessionInit['options'],
      plain: parsePlainOptions(sorted.options, where),
      ...where,
      config: JSON.parse(config.toJson()) as JsonObject,
      configText: config.toJson(),
      warnings: config.warnings.map(({ message, at }) =>
        at === undefined ? message : `${message}   at ${formatLocation(at)}`,
      ),
    };
    this.#runtime = runtime;
  }

  /** A runner of a loaded config, or of the same as plain data; imports what `customImports` names into the registry. */
  static async fromConfig(config: Config | EngineConfig, runtime: RunnerRuntime = {}): Promise<Runner> {
    let cfg = config instanceof Config ? config : Config.fromData(config);
    const { options } = engineOptions(cfg);
    let complete = runtime;
    if (customImportsOf(cfg).imports.length > 0) {
      const { platform, registry, storage } = await resolveRuntime(runtime);
      cfg = await importCustom(cfg, { registry, importModule: (specifier, from) => platform.import(specifier, from) });
      complete = { ...runtime, platform, registry, storage };
    }
    return new Runner({ ...(options as unknown as RunnerOptions), cfg }, complete);
  }

  /** The model, once a call has built it. */
  get model(): TrainableModel | undefined {
    return this.#session?.run.model;
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
    return this.#call('train', async (session) => {
      await train(session);
      const { run } = session;
      return {
        stoppedBy: run.stoppedBy,
        metrics: run.lastMetrics,
        checkpoint: run.checkpoints?.lastGood,
        logFile: run.dir.logFile,
      };
    });
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

  async #open(exclusive: boolean): Promise<Session> {
    this.#session ??= await Session.open({ ...this.#init, runtime: await resolveRuntime(this.#runtime) }, exclusive);
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

function failureLine({ run }: Session, error: unknown): string {
  const what = error instanceof EngineError ? error.code : String(error);
  const last = run.checkpoints?.lastGood;
  const next =
    last === undefined
      ? 'no checkpoint was saved'
      : `the last good checkpoint is ${run.dir.show(last)}; continue with --resume`;
  return `The run failed at epoch ${run.epoch}, iter ${run.iter}: ${what}; ${next}.`;
}
