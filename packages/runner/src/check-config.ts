import { type Config, configProblems, customImportsOf, engineOptions } from '@engine/config';
import { EngineError, isPlainObject } from '@engine/core';
import type { Registry } from '@engine/registry';
import { checkOptions, checkTrainCfg, plainProblems } from './options.js';

/**
 * Everything that would stop a runner of this config before it reads data: without building anything, all at once. Names are looked up in
 * `registry`, which has what `customImports` brings already.
 */
export function checkConfig(config: Config, registry: Registry): EngineError[] {
  const things = configProblems(config, registry);
  // a misspelt key hides what it was meant to give
  if (things.some((error) => error.code === 'ENGINE_CONFIG_UNKNOWN_KEY')) return things;
  return [
    ...things,
    ...collect(() => {
      const { options, pathOf } = engineOptions(config);
      const where = { pathOf, locate: config.locate };
      const { trainCfg } = options;
      return [
        ...collect(() => {
          customImportsOf(config);
        }),
        ...plainProblems(options, where),
        ...collect(() => checkOptions(options)),
        ...collect(() => {
          if (isPlainObject(trainCfg)) checkTrainCfg(trainCfg, where);
        }),
      ];
    }),
  ];
}

function collect(check: () => EngineError[] | void): EngineError[] {
  try {
    return check() ?? [];
  } catch (error) {
    if (error instanceof EngineError) return [error];
    throw error;
  }
}
