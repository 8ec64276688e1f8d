/** The first and the last line of a run, for people. */
import { type Backend, entryOf } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { Run } from './run.js';
import { ENGINE_VERSION } from './version.js';

/** `engine 0.1.0 · backend wasm (simd, 2 threads) · MNIST 60000/10000 · LeNet 61706 parameters · run DIR`. */
export function openingLine(run: Run, backend: Backend): string {
  const { threads, features } = backend.capabilities;
  const facts = [...features, `${threads} ${threads === 1 ? 'thread' : 'threads'}`].join(', ');
  const parameters = [...run.parameters.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((size, extent) => size * extent, 1),
    0,
  );
  return [
    `engine ${ENGINE_VERSION}`,
    `backend ${backend.name} (${facts})`,
    dataSizes(run),
    `${nameOf(run.model, run.config.model)} ${parameters} parameters`,
    `run ${run.dir.show(run.logDir)}`,
  ].join(' · ');
}

function dataSizes({ trainLoop, valLoop, testLoop }: Run): string {
  const loaders = [trainLoop, valLoop, testLoop].flatMap((loop): DataLoaderLike[] =>
    loop === undefined ? [] : [loop.dataloader],
  );
  const [first] = loaders;
  const name = first === undefined ? 'no data' : nameOf(first.dataset);
  return `${name} ${loaders.map(({ dataset }) => dataset.length).join('/')}`;
}

/** What the user calls a part: by its own name, that of its class's entry, the `type` of its config; else as its class is called. */
function nameOf(part: object, config?: unknown): string {
  if ('name' in part && typeof part.name === 'string' && part.name !== '') return part.name;
  const type = typeof config === 'object' && config !== null && 'type' in config ? config.type : undefined;
  return entryOf(part.constructor)?.name ?? (typeof type === 'string' ? type : part.constructor.name);
}

/** `done in 46 s · best accuracy/top1 98.74 (epoch 3) · checkpoint PATH · log PATH`. */
export function closingLine(run: Run, milliseconds: number): string {
  const checkpoint = bestCheckpoint(run) ?? run.checkpoints?.lastGood;
  return [
    `done in ${seconds(milliseconds)}`,
    ...result(run),
    ...(checkpoint === undefined ? [] : [`checkpoint ${run.dir.show(checkpoint)}`]),
    `log ${run.dir.show(run.dir.logFile)}`,
  ].join(' · ');
}

/** `stopped by SIGINT after saving PATH; continue with --resume`. */
export function stoppedLine(run: Run): string {
  const saved = run.checkpoints?.lastGood;
  const after = saved === undefined ? '' : ` after saving ${run.dir.show(saved)}; continue with --resume`;
  return `stopped by ${run.stoppedBy ?? run.stopReason}${after}`;
}

function result(run: Run): string[] {
  const best = bestMetric(run);
  if (best !== undefined) return [`best ${best}`];
  const [first] = Object.entries(run.lastMetrics ?? {});
  return first === undefined ? [] : [`${first[0]} ${shown(first[1])}`];
}

/** From what CheckpointHook leaves in the message hub: `accuracy/top1 98.74 (epoch 3)`. */
function bestMetric(run: Run): string | undefined {
  const [score, file] = [run.messageHub.getInfo('bestScore'), run.messageHub.getInfo('bestCkpt')];
  if (typeof score !== 'number' || typeof file !== 'string') return undefined;
  const names = Object.keys(run.lastMetrics ?? {}).filter((name) =>
    file.startsWith(`best_${name.replaceAll('/', '_')}_`),
  );
  const where = /_(epoch|iter)_(\d+)\.[a-z]+$/.exec(file);
  return `${names[0] ?? 'score'} ${shown(score)}${where === null ? '' : ` (${where[1]} ${where[2]})`}`;
}

function bestCheckpoint(run: Run): string | undefined {
  const file = run.messageHub.getInfo('bestCkpt');
  return typeof file === 'string' ? run.dir.file(file) : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : JSON.stringify(value);
}

function seconds(milliseconds: number): string {
  const whole = Math.round(milliseconds / 1000);
  if (whole < 100) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
