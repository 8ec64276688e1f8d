/** What a runner opens at its first call and keeps over further calls of `train()`, `val()` and `test()`. */
import type { Backend, Communicator, JsonObject } from '@engine/core';
import { fileSink, StorageRouter } from '@engine/fileio';
import { atLeast, createLogger, type LogSink, MessageHub, type RunLogger } from '@engine/logging';
import { turnOnEfficientConvBnEval } from '@engine/model';
import type { Locate } from '@engine/registry';
import { asModule } from './as-module.js';
import { Components } from './components.js';
import { experimentName } from './experiment-name.js';
import { drawInitialWeights } from './initial-weights.js';
import { isGiven, type PlainOptions } from './options.js';
import { findStart, resumedSeed, type StartPoint } from './resume.js';
import { Run } from './run.js';
import { noProgress, type Runtime } from './runtime.js';
import { StopSignals } from './stop-signals.js';
import { formatTimestamp } from './timestamp.js';
import { TorchStream } from './torch-stream.js';
import { WorkDir } from './work-dir.js';

/** A runner's options, sorted and checked. */
export interface SessionInit {
  /** By the engine's own keys, in camelCase. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly plain: PlainOptions;
  readonly pathOf: (option: string) => string;
  readonly locate: Locate | undefined;
  readonly config: JsonObject;
  /** The file that the config was loaded from. */
  readonly configFile: string | undefined;
  /** Text of `STAMP.json`. */
  readonly configText: string;
  /** Of the config; logged when the session opens. */
  readonly warnings: readonly string[];
  readonly runtime: Runtime;
}

export class Session {
  readonly init: SessionInit;
  readonly backend: Backend;
  readonly components: Components;
  readonly run: Run;
  /** Where everything random comes from, if not from keys. */
  readonly stream: TorchStream | undefined;
  #start: StartPoint | undefined;
  #isLoaded = false;
  #signals: StopSignals | undefined;

  private constructor(init: SessionInit, parts: Pick<Session, 'backend' | 'components' | 'run' | 'start' | 'stream'>) {
    this.init = init;
    this.backend = parts.backend;
    this.components = parts.components;
    this.run = parts.run;
    this.#start = parts.start;
    this.stream = parts.stream;
  }

  /** `exclusive`: for training, which locks the work dir. */
  static async open(given: SessionInit, exclusive: boolean): Promise<Session> {
    const { randomness, workDir, logLevel } = given.plain;
    const logger = createLogger({ level: logLevel, now: () => given.runtime.platform.now() });
    const init = { ...given, runtime: withStorages(given.runtime, new Components({ ...given, logger })) };
    const { runtime, plain } = init;
    const { platform, storage, communicator } = runtime;
    const now = (await communicator.broadcast(Float64Array.of(platform.now())))[0] ?? platform.now();
    const dir = await WorkDir.open({
      storage,
      path: workDir,
      timestamp: formatTimestamp(now),
      exclusive,
      communicator,
    });
    for (const sink of sinksOf(runtime, dir)) logger.addSink(sink);
    for (const warning of init.warnings) logger.warn(warning);
    try {
      const components = new Components({ ...init, logger });
      const backend = components.backend();
      await backend.init();
      for (const warning of withoutEffect(plain, { backend, communicator })) logger.warn(warning);
      const start = await findStart(plain, { storage, dir, logger });
      const drawn = (await communicator.broadcast(Float64Array.of(Math.floor(Math.random() * 2 ** 31))))[0] ?? 0;
      const seed = resumedSeed(start) ?? randomness.seed ?? drawn;
      const run = makeRun(init, { backend, components, dir, logger, seed });
      const stream = randomness.generator === 'torch' ? new TorchStream(seed, run.model) : undefined;
      if (stream !== undefined) {
        run.hooks.register(stream, stream.priority);
        run.onPass = () => stream.drawWorkerSeed();
      }
      return new Session(init, { backend, components, run, start, stream });
    } catch (error) {
      await closeLog(logger);
      await dir.unlock();
      throw error;
    }
  }

  /** Begins a call: logs again, listens for signals, locks for training. */
  async begin(exclusive: boolean, isFirst: boolean): Promise<void> {
    const { run, init } = this;
    if (exclusive && run.isMainProcess) await run.dir.lock();
    if (!isFirst) for (const sink of sinksOf(init.runtime, run.dir)) run.logger.addSink(sink);
    this.#signals = new StopSignals(run.platform, run.logger);
    run.begin(this.#signals);
    await this.backend.init();
  }

  /** What to start from, until that has been done. */
  get start(): StartPoint | undefined {
    return this.#start;
  }

  /** True once the weights are those to go on with: loaded, resumed or trained. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Says that they are; what was read is let go. */
  loaded(): void {
    this.#isLoaded = true;
    this.#start = undefined;
  }

  /**
   * Draws initial values, once and before anything is loaded; what the user has put into the model stays. Reads the checkpoints that
   * `initCfg` names. Does nothing where everything is about to be resumed.
   */
  async initWeights(): Promise<void> {
    const { model, logger, seed, storage } = this.run;
    if (this.#isLoaded || this.#start?.how === 'resume') return;
    const { components } = this;
    const source = this.stream?.generator ?? seed;
    const isEndless = this.run.trainLoop?.byEpoch === false;
    const afterConstruction = isEndless ? () => this.stream?.drawAhead() : undefined;
    await drawInitialWeights(model, { components, storage, logger, source, afterConstruction });
  }

  /** Writes down what is about to run. */
  async record(): Promise<void> {
    const { run, init } = this;
    if (!run.isMainProcess) return;
    await run.storage.putAtomic(run.dir.file(`${run.timestamp}.json`), new TextEncoder().encode(init.configText));
    await run.visualizer.addConfig(run.config);
    const { envCfg, launcher } = init.plain;
    const processes = { worldSize: run.communicator.size, launcher, ...(isGiven(envCfg) && { envCfg }) };
    run.logger.debug(`Environment: ${JSON.stringify({ ...run.platform.describe(), seed: run.seed, ...processes })}`);
    run.logger.debug(`Hooks will be executed in the following order:\n${run.hooks.describe()}`);
  }

  /** Ends a call; whatever happens, everything is closed. */
  async end(): Promise<void> {
    const { run } = this;
    this.#signals?.close();
    run.progress.clear();
    try {
      for (const loop of [run.trainLoop, run.valLoop, run.testLoop]) await loop?.dataloader.close();
    } finally {
      run.dispose();
      await closeLog(run.logger);
      await run.dir.unlock();
    }
  }
}

/** What the config asks for and this run does not do. */
function withoutEffect(
  { compile, launcher }: PlainOptions,
  { backend, communicator }: { readonly backend: Backend; readonly communicator: Communicator },
): string[] {
  const notes: string[] = [];
  if (compile !== false && !backend.capabilities.compile)
    notes.push(`compile: the backend ${backend.name} does not compile; the training step runs as it is.`);
  if (launcher !== 'none' && communicator.size === 1)
    notes.push(`launcher = ${launcher}: the engine starts no processes; this run is one process.`);
  return notes;
}

/** The runtime with the storages that the config names laid over its own. */
function withStorages(runtime: Runtime, components: Components): Runtime {
  const table = components.storages();
  if (Object.keys(table).length === 0) return runtime;
  return { ...runtime, storage: StorageRouter.over(runtime.storage, table) };
}

function makeRun(
  init: SessionInit,
  made: { backend: Backend; components: Components; dir: WorkDir; logger: RunLogger; seed: number },
): Run {
  const { backend, components, dir, logger, seed } = made;
  const { runtime, plain, config } = init;
  const { platform, storage, communicator, progress } = runtime;
  const { timestamp } = dir;
  const name = experimentName({ given: plain.experimentName, file: init.configFile, timestamp });
  const model = components.model();
  const { efficientConvBnEval } = plain;
  if (efficientConvBnEval !== undefined && efficientConvBnEval !== null)
    turnOnEfficientConvBnEval(asModule(model, 'efficientConvBnEval'), efficientConvBnEval);
  return new Run({
    dir,
    experimentName: name,
    seed,
    diffRankSeed: plain.randomness.diffRankSeed,
    config,
    backend,
    model,
    hooks: components.hooks(),
    logger,
    messageHub: new MessageHub({ logger }),
    logProcessor: components.logProcessor(),
    visualizer: components.visualizer({ saveDir: dir.logDir, experimentName: name }),
    progress: communicator.rank === 0 ? progress : noProgress,
    storage,
    platform,
    communicator,
  });
}

/** Every rank has a log file of its own; where people look, other ranks than the first only say what went wrong. */
function sinksOf({ sinks, storage, communicator: { rank } }: Runtime, dir: WorkDir): LogSink[] {
  const shown = rank === 0 ? sinks : sinks.map((sink) => atLeast('ERROR', sink));
  return [...shown, fileSink({ path: dir.logFileOf(rank), storage, level: 'DEBUG' })];
}

/** A log that cannot be written does not fail a run; whoever still listens is told. */
async function closeLog(logger: RunLogger): Promise<void> {
  await logger.flush().catch((error: unknown) => logger.warn(`The log could not be written: ${String(error)}`));
  await logger.close().catch(() => {});
}
