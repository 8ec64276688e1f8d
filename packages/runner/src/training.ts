/** What `train()`, `val()` and `test()` do between opening and closing. */
import type { MetricValues } from '@engine/evaluator';
import type { TrainableModel } from '@engine/model';
import { checkChanges } from './check-changes.js';
import { CheckpointStore } from './checkpoint-store.js';
import type { Loop } from './loop.js';
import { LossGuard } from './loss-guard.js';
import { isGiven } from './options.js';
import { closingLine, openingLine, stoppedLine } from './report.js';
import { loadWeights, resumeFrom } from './resume.js';
import { scaleLr } from './scale-lr.js';
import type { Session } from './session.js';
import { ENGINE_VERSION } from './version.js';

type EvalStage = 'val' | 'test';

/** Builds what training needs, in MMEngine's order, and trains. */
export async function train(session: Session): Promise<void> {
  const { run } = session;
  const started = run.platform.monotonic();
  checkResumed(session);
  await prepareTraining(session);
  await run.call('beforeRun');
  await session.initWeights();
  await restore(session);
  uploadWeights(run.model);
  session.loaded();
  const loop = run.loops.trainLoop;
  run.optimWrapper?.initializeCountStatus(Math.min(run.iter, run.maxIters), run.maxIters);
  if (!run.resumed) await moveOldCheckpoints(session);
  await session.record();
  run.logger.info(openingLine(run, session.backend));
  run.lossGuard = new LossGuard(run.messageHub, run.iter);
  await loop?.run();
  await run.checkpoints?.flush();
  for (const [name, count] of run.hooks.leaks) {
    run.logger.warn(
      `The hook ${name} has left ${count} tensors on the device; after an await, compute inside ctx.tidy.`,
    );
  }
  run.logger.info(run.interrupted ? stoppedLine(run) : closingLine(run, run.platform.monotonic() - started));
}

/** Evaluates with the weights at hand, or with those of `loadFrom`. */
export async function evaluate(session: Session, stage: EvalStage): Promise<MetricValues> {
  const { run } = session;
  const loop = await prepareEvaluation(session, stage);
  await run.call('beforeRun');
  if (!session.isLoaded) {
    await session.initWeights();
    if (session.start !== undefined) await loadWeights(run, session.start, { strict: true });
    session.loaded();
    await session.record();
    run.logger.info(openingLine(run, session.backend));
  }
  const metrics = await loop.run();
  if (run.interrupted) run.logger.info(stoppedLine(run));
  return metrics ?? {};
}

async function prepareTraining(session: Session): Promise<void> {
  const { run, components, init } = session;
  if (run.loops.trainLoop !== undefined) return;
  const dataloader = await components.dataLoader('trainDataloader', run.seed);
  const trainLoop = components.trainLoop({ run, dataloader });
  run.loops.trainLoop = trainLoop;
  run.visualizer.datasetMeta = dataloader.dataset.metainfo;
  const optimWrapper = components.optimWrapper(run.model, session.backend);
  run.loops.optimWrapper = optimWrapper;
  scaleLr(optimWrapper, init.plain.autoScaleLr, {
    batchSize: dataloader.batchSize * run.communicator.size,
    logger: run.logger,
  });
  run.loops.paramSchedulers = components.paramSchedulers(optimWrapper, trainLoop);
  if (isGiven(init.options.valCfg)) await prepareEvaluation(session, 'val');
  const origin = { engineVersion: ENGINE_VERSION, backend: session.backend.name, config: run.config };
  run.checkpoints = new CheckpointStore(
    origin,
    session.start?.how === 'resume' ? session.start.checkpoint.path : undefined,
  );
}

async function prepareEvaluation({ run, components }: Session, stage: EvalStage): Promise<Loop> {
  const key = stage === 'val' ? 'valLoop' : 'testLoop';
  const made = run.loops[key];
  if (made !== undefined) return made;
  const dataloader = await components.dataLoader(`${stage}Dataloader`, run.seed);
  const evaluator = components.evaluator(`${stage}Evaluator`);
  evaluator.datasetMeta = dataloader.dataset.metainfo;
  run.visualizer.datasetMeta ??= dataloader.dataset.metainfo;
  const loop = components.evalLoop(`${stage}Cfg`, { run, dataloader, evaluator });
  run.loops[key] = loop;
  return loop;
}

/** Before anything is built or read that the change may have to do with. @throws `ENGINE_RUNNER_CONFIG_CHANGED` */
function checkResumed({ run, start, isLoaded, init }: Session): void {
  if (isLoaded || start?.how !== 'resume') return;
  const { locate, plain, runtime } = init;
  checkChanges(
    {
      locate,
      registry: runtime.registry,
      allowChanges: plain.allowChanges,
      config: run.config,
      hooks: run.hooks,
      logger: run.logger,
      show: (path) => run.dir.show(path),
    },
    start.checkpoint,
  );
}

async function restore({ run, start, isLoaded }: Session): Promise<void> {
  const loop = run.loops.trainLoop;
  if (start === undefined || isLoaded || loop === undefined) return;
  if (start.how === 'resume') await resumeFrom(run, loop, start.checkpoint);
  else await loadWeights(run, start, { strict: false });
}

/** Weights go to the device when they are first asked for: not inside a hook, where they would look like tensors that it leaves behind. */
function uploadWeights(model: TrainableModel): void {
  for (const tensors of [model.namedParameters(), model.namedBuffers?.()])
    for (const tensor of tensors?.values() ?? []) void tensor.value;
}

async function moveOldCheckpoints({ run }: Session): Promise<void> {
  if (run.isMainProcess && run.checkpoints?.lastGood === undefined) {
    const folder = await run.dir.moveOldCheckpoints(run.logger);
    if (folder !== undefined)
      run.logger.info(`The work dir had checkpoints of an earlier run: they are in ${run.dir.show(folder)} now.`);
  }
  await run.communicator.barrier();
}
