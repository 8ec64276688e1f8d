// A constructor of your own: what was trained before learns slowly, the new head at the full rate.
import { defineOptimWrapperConstructor, type OptimWrapperConstructor } from '@engine/optim';
import * as z from 'zod/mini';

const options = z.strictObject({
  /** Where the names of the head's parameters begin. */
  head: z.string(),
  /** Learning rate of all others; 0 leaves them out. */
  bodyLr: z.number().check(z.nonnegative()),
});

export class BodyAndHead implements OptimWrapperConstructor {
  static readonly entry = defineOptimWrapperConstructor({
    name: 'BodyAndHead',
    options,
    create: (given) => new BodyAndHead(given),
    doc: 'Two groups: a slow body and a head.',
  });
  readonly #given: z.output<typeof options>;

  constructor(given: z.output<typeof options>) {
    this.#given = given;
  }

  /** `config` is `optimWrapper` without `constructor` and `paramwiseCfg`; `build` makes of it what it says, for these groups. */
  construct(...[model, config, { build, logger }]: Parameters<OptimWrapperConstructor['construct']>) {
    const { head, bodyLr } = this.#given;
    const all = [...model.namedParameters().values()].filter(({ trainable }) => trainable);
    const isHead = ({ name }: { name: string }) => name.startsWith(head);
    const body = all.filter((parameter) => !isHead(parameter));
    logger.info(`${body.length} parameters learn at ${bodyLr}, ${all.length - body.length} at the full rate`);
    const groups = [{ params: all.filter(isHead) }, ...(bodyLr > 0 ? [{ params: body, lr: bodyLr }] : [])];
    return build(config, groups);
  }
}

declare module '@engine/registry' {
  interface OptimWrapperConstructors {
    BodyAndHead: typeof BodyAndHead;
  }
}
