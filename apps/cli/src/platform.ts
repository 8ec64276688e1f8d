import { nodeReader } from '@engine/config/node';
import type { Platform } from '@engine/core';
import { nodePlatform } from '@engine/fileio';

const TYPESCRIPT_PATH = /^(\.{1,2}[/\\]|[/\\]|file:|[A-Za-z]:[/\\]).*\.[cm]?ts$/;

/** Node, which also imports TypeScript files, as a config's `customImports` may name them: without a build, like configs. */
export function cliPlatform(cwd: string): Platform {
  const reader = nodeReader({ cwd });
  return {
    ...nodePlatform,
    async import(specifier, from) {
      const exports = TYPESCRIPT_PATH.test(specifier) ? reader.importModule : undefined;
      if (exports === undefined) return nodePlatform.import(specifier, from);
      return { ...((await exports(reader.resolve(specifier, from))) as object) };
    },
  };
}
