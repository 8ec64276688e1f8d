import { type Communicator, type Platform, singleProcess } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import { createTerminal, type LogSink, type ProgressLine } from '@engine/logging';
import { type Locate, Registry } from '@engine/registry';

/** Where a run happens: what the options of a runner, which say what happens, leave out. Everything has a default in Node. */
export interface RunnerRuntime {
  /** Where names in `type` are looked up. Default: an empty one; classes and entries given as `type` need none. */
  readonly registry?: Registry;
  /** Default: Node. */
  readonly platform?: Platform;
  /** Where paths lead: of the work dir, of checkpoints. Default: this machine, and `http://` and `https://` to read from. */
  readonly storage?: StorageBackend;
  /** Default: one process alone. */
  readonly communicator?: Communicator;
  /** Where log lines go besides the log file; owned by the run. Default: standard output. */
  readonly sinks?: readonly LogSink[];
  /** Default: a line at the bottom of the terminal, none elsewhere. */
  readonly progress?: ProgressLine;
  /** Finds file and line of a config path, for error messages. */
  readonly locate?: Locate;
}

/** A {@link RunnerRuntime} with its defaults. */
export type Runtime = Required<Omit<RunnerRuntime, 'locate'>>;

/** Shows nothing. */
export const noProgress: ProgressLine = { isShown: false, update() {}, clear() {} };

/** Fills in Node's defaults. They are imported only when needed, so that other platforms never load them. */
export async function resolveRuntime(given: RunnerRuntime): Promise<Runtime> {
  const { platform, storage } =
    given.platform !== undefined && given.storage !== undefined
      ? (given as Required<RunnerRuntime>)
      : await nodeDefaults(given);
  const terminal = given.sinks === undefined ? standardOutput(platform) : undefined;
  return {
    registry: given.registry ?? new Registry(),
    platform,
    storage,
    communicator: given.communicator ?? singleProcess,
    sinks: given.sinks ?? (terminal === undefined ? [] : [terminal.sink]),
    progress: given.progress ?? terminal?.progress ?? noProgress,
  };
}

async function nodeDefaults(given: RunnerRuntime): Promise<Pick<Required<RunnerRuntime>, 'platform' | 'storage'>> {
  const { nodePlatform, nodeStorage } = await import('@engine/fileio');
  return { platform: given.platform ?? nodePlatform, storage: given.storage ?? nodeStorage() };
}

/** Node's standard output, where there is one. */
function standardOutput(platform: Platform): ReturnType<typeof createTerminal> | undefined {
  const { process } = globalThis as {
    readonly process?: { readonly stdout?: { write(text: string): unknown; columns?: number; isTTY?: boolean } };
  };
  if (process?.stdout === undefined) return undefined;
  return createTerminal({ output: process.stdout, env: (name) => platform.env(name), now: () => platform.monotonic() });
}
