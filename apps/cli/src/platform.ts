import { nodeReader } from '@engine/config/node';
import type { Platform } from '@engine/core';
import { nodePlatform } from '@engine/fileio';

const TYPESCRIPT_FILE = /^(\.{0,2}[/\\]|file:|[A-Za-z]:[/\\]).*\.[cm]?ts$/;

/** Node, which also imports TypeScript files that a config names in `customImports`: without a build, as it loads configs. */
export function cliPlatform(cwd: string): Platform {
  const { resolve, importModule } = nodeReader({ cwd });
  return {
    ...nodePlatform,
    import: async (specifier, from) =>
      importModule !== undefined && TYPESCRIPT_FILE.test(specifier)
        ? importModule(resolve(specifier, from))
        : nodePlatform.import(specifier, from),
  };
}
