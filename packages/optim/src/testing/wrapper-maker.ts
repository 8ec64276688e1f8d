import type { Logger } from '@engine/core';
import { Registry } from '@engine/registry';
import { afterEach } from 'vitest';
import { buildOptimWrapper } from '../constructors/build-optim-wrapper.js';
import type { OptimWrapperLike } from '../contract.js';
import * as optim from '../index.js';
import { type TestModel, type TestPlace, testModel } from './test-model.js';

/** What a wrapper was made of, and what was logged on the way. */
export interface Made {
  readonly wrapper: OptimWrapperLike;
  /** Names of the parameters of each group, and the fields that the test asks for. */
  groups(...fields: readonly string[]): readonly (readonly [names: string, ...values: unknown[]])[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** For the top of a test file: makes wrappers of models and frees them after each test. */
export function wrapperMaker(): {
  make(places: readonly TestPlace[], config: unknown): Made;
  model(places: readonly TestPlace[]): TestModel;
} {
  const alive: { dispose(): void }[] = [];
  afterEach(() => {
    for (const thing of alive.splice(0)) thing.dispose();
  });
  const model = (places: readonly TestPlace[]): TestModel => {
    const made = testModel(places);
    alive.push(made);
    return made;
  };
  return {
    model,
    make: (places, config) => {
      const registry = new Registry();
      registry.registerExports(optim);
      const [warnings, infos]: [string[], string[]] = [[], []];
      const logger: Logger = {
        debug: () => undefined,
        info: (message) => void infos.push(message),
        warn: (message) => void warnings.push(message),
        error: () => undefined,
      };
      const wrapper = buildOptimWrapper(model(places), config, { registry, logger });
      alive.unshift(wrapper);
      return {
        wrapper,
        warnings,
        infos,
        groups: (...fields) =>
          wrapper.optimizer.paramGroups.map((group) => [
            group.params.map(({ name }) => name).join(' '),
            ...fields.map((field) => group[field]),
          ]),
      };
    },
  };
}
