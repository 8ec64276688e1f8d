/**
 * The checkpoint file: one safetensors file whose `__metadata__.engine` is one JSON string. Nothing in it is ever executed.
 * This module knows the file and nothing of the run; see `checkpoint-state.ts` for what goes in.
 */
import type { HostArray, Json, JsonObject, Logger } from '@engine/core';
import { EngineError } from '@engine/core';
import {
  looksLikeTorch,
  readSafetensors,
  type StorageBackend,
  tellProgress,
  writeSafetensors,
  writeSafetensorsInTurns,
} from '@engine/fileio';
import type { CheckpointDraft, LoadedCheckpoint } from '@engine/hooks';
import * as z from 'zod/mini';
import { configHash } from './config-hash.js';
import { runnerErrors } from './errors.js';
import { parseNumbers, stringifyNumbers } from './exact-json.js';

/** Raised with every change that older versions cannot read. */
export const CHECKPOINT_FORMAT = 1;

const count = z.int().check(z.nonnegative());
const headerSchema = z.looseObject({
  format: z.literal(CHECKPOINT_FORMAT),
  engine: z.string(),
  backend: z.string(),
  meta: z.looseObject({
    epoch: count,
    iter: count,
    batchInEpoch: count,
    accumulation: count,
    validationDue: z.boolean(),
    seeds: z.object({ run: z.int() }),
    worldSize: z.int().check(z.positive()),
    experimentName: z.string(),
    time: z.string(),
  }),
  configHash: z.string(),
  config: z.record(z.string(), z.unknown()),
});

/** What a file says beside the draft's own contents. */
export interface CheckpointOrigin {
  readonly engineVersion: string;
  readonly backend: string;
  readonly config: JsonObject;
}

/** The bytes of a checkpoint, in pieces, for `putAtomic`. */
export function encodeCheckpoint(draft: CheckpointDraft, origin: CheckpointOrigin): Uint8Array[] {
  return writeSafetensors(draft.tensors, metadataOf(draft, origin));
}

/** The same, letting other work go on while it computes the checksum. Sections are read before it returns; arrays are shared and must not change. */
export function encodeInTurns(draft: CheckpointDraft, origin: CheckpointOrigin): Promise<Uint8Array[]> {
  return writeSafetensorsInTurns(draft.tensors, metadataOf(draft, origin));
}

function metadataOf(draft: CheckpointDraft, origin: CheckpointOrigin): Readonly<Record<string, string>> {
  const header = {
    format: CHECKPOINT_FORMAT,
    engine: origin.engineVersion,
    backend: origin.backend,
    meta: draft.meta as unknown as Json,
    configHash: configHash(origin.config),
    config: origin.config,
    ...Object.fromEntries(draft.sections),
  };
  return { engine: stringifyNumbers(header) };
}

/**
 * Reads and checks a checkpoint's bytes.
 * @throws `ENGINE_RUNNER_CHECKPOINT_BROKEN`, `_CHECKPOINT_FOREIGN`, `_CHECKPOINT_NEWER`
 */
export function decodeCheckpoint(path: string, bytes: Uint8Array): LoadedCheckpoint {
  return decodeWithOrigin(path, bytes).checkpoint;
}

/** A checkpoint, and what its file says beside. */
export interface CheckpointFile {
  readonly checkpoint: LoadedCheckpoint;
  readonly origin: CheckpointOrigin;
}

function decodeWithOrigin(path: string, bytes: Uint8Array): CheckpointFile {
  const { tensors, metadata } = decodeFile(path, bytes);
  const { format: _format, engine, backend, configHash: _hash, meta, ...rest } = readHeader(path, metadata.engine);
  const { config: written, ...sections } = rest;
  const config = written as JsonObject;
  const checkpoint = {
    path,
    meta: meta as unknown as LoadedCheckpoint['meta'],
    config,
    tensors: new Map(tensors),
    sections: new Map(Object.entries(sections as JsonObject)),
  };
  return { checkpoint, origin: { engineVersion: engine, backend, config } };
}

/**
 * Reads a checkpoint from a storage; one from afar may come from this machine's cache. What is transferred is told to `logger`.
 *
 * @throws `ENGINE_RUNNER_CHECKPOINT_MISSING` and what {@link decodeCheckpoint} throws
 */
export async function readCheckpoint(
  storage: StorageBackend,
  path: string,
  logger?: Logger,
): Promise<LoadedCheckpoint> {
  return (await readCheckpointFile(storage, path, logger)).checkpoint;
}

/** As {@link readCheckpoint}, with what the file says beside. */
export async function readCheckpointFile(
  storage: StorageBackend,
  path: string,
  logger?: Logger,
): Promise<CheckpointFile> {
  return decodeWithOrigin(path, await readContent(storage, path, logger));
}

/** The bytes of a file that a run starts from. @throws `ENGINE_RUNNER_CHECKPOINT_MISSING` */
export async function readContent(storage: StorageBackend, path: string, logger?: Logger): Promise<Uint8Array> {
  try {
    return await storage.get(path, { cached: true, onProgress: logger && tellProgress(path, logger) });
  } catch (cause) {
    throw runnerErrors.CHECKPOINT_MISSING({
      subject: path,
      expected: 'a checkpoint that can be read',
      received: cause instanceof EngineError ? cause.received : String(cause),
      action:
        'check the path; checkpoints lie in the work dir as epoch_N.safetensors, iter_N.safetensors and best_*.safetensors',
      cause,
    });
  }
}

function decodeFile(
  path: string,
  bytes: Uint8Array,
): { tensors: ReadonlyMap<string, HostArray>; metadata: Readonly<Record<string, string>> } {
  if (looksLikeTorch(bytes)) {
    throw runnerErrors.CHECKPOINT_FOREIGN({
      subject: path,
      expected: 'a checkpoint written by the engine',
      received: 'a file of PyTorch',
      action: 'take its weights alone: loadFrom without resume, or engine checkpoint convert FILE --from torch',
    });
  }
  try {
    return readSafetensors(bytes, path);
  } catch (cause) {
    throw runnerErrors.CHECKPOINT_BROKEN({
      subject: path,
      expected: 'a whole safetensors file',
      received: cause instanceof EngineError ? cause.received : String(cause),
      action: 'resume from an earlier checkpoint; this one was cut off or damaged',
      cause,
    });
  }
}

function readHeader(path: string, text: string | undefined): z.output<typeof headerSchema> {
  if (text === undefined) throw foreign(path, 'a safetensors file without __metadata__.engine');
  let json: unknown;
  try {
    json = parseNumbers(text);
  } catch (cause) {
    throw foreign(path, `__metadata__.engine that is not JSON: ${String(cause)}`);
  }
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format === 'number' && format > CHECKPOINT_FORMAT) {
    throw runnerErrors.CHECKPOINT_NEWER({
      subject: path,
      expected: `format ${CHECKPOINT_FORMAT} or older`,
      received: `format ${format}`,
      action: 'update the engine to the version that wrote it, or a later one',
    });
  }
  const result = headerSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw foreign(path, `__metadata__.engine without a proper ${issue?.path.join('.') ?? 'header'}`);
}

function foreign(path: string, received: string): Error {
  return runnerErrors.CHECKPOINT_FOREIGN({
    subject: path,
    expected: 'a checkpoint written by the engine',
    received,
    action: 'give a checkpoint of this engine; weights of other tools have to be converted first',
  });
}
