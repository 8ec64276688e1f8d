import type { BuildContext } from '@engine/core';
import { Compose, type SampleContext, type Transform } from '@engine/dataset';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';

/** A transform, or several in a row. Kinds are spelt out in the types of options, since a schema's type is fixed before other packages add their entries. */
export const stage = z.union([thing('transform'), z.array(thing('transform'))]);
export type StageConfig = ConfigOf<'transform'> | readonly ConfigOf<'transform'>[];
export type Stage = Transform | readonly Transform[];

/** Builds a stage; `key` is its path below the options. */
export function builtStage(ctx: BuildContext<'transform'>, config: unknown, key: string): Transform {
  if (!Array.isArray(config)) return ctx.build('transform', config, { key });
  return new Compose(config.map((each: unknown, i) => ctx.build('transform', each, { key: `${key}.${i}` })));
}

export function built(ctx: BuildContext<'transform'>, configs: readonly unknown[], key = 'transforms'): Transform[] {
  return configs.map((config, i) => builtStage(ctx, config, `${key}.${i}`));
}

export function composed(given: Stage): Transform {
  return 'transform' in given ? given : new Compose(given);
}

/** A context for another copy of the sample: its transforms draw other numbers. */
export function branch(ctx: SampleContext, name: string | number): SampleContext {
  return { ...ctx, stream: `${ctx.stream ?? ''}.${name}` };
}
