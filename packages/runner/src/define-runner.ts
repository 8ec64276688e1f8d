import { defineEntry, type Entry } from '@engine/core';
import * as z from 'zod/mini';
import type { RunnerOptions } from './options.js';
import type { Runner } from './runner.js';
import type { RunnerRuntime } from './runtime.js';

/** What a runner of your own is made from: what `new Runner` takes. */
export interface RunnerArgs {
  readonly options: RunnerOptions;
  readonly runtime: RunnerRuntime;
}

declare module '@engine/core' {
  interface BuildArgs {
    runner: RunnerArgs;
  }
}

export interface RunnerDefinition<N extends string> {
  readonly name: N;
  /** Makes it, e.g. `({ options, runtime }) => new MyRunner(options, runtime)`. */
  create(args: RunnerArgs): Runner;
  readonly module?: string;
  /** One line for listings. */
  readonly doc?: string;
}

/** Makes a runner that configs can name: `runnerType: 'MyRunner'` once registered, `runnerType: MyRunner` at once. */
export function defineRunner<const N extends string>({
  create,
  ...definition
}: RunnerDefinition<N>): Entry<'runner', N, object> {
  return defineEntry('runner', {
    ...definition,
    options: z.strictObject({}),
    create: (_options, { args }) => create(args),
  });
}
