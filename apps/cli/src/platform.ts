import { existsSync } from 'node:fs';
import { nodeReader } from '@engine/config/node';
import { EngineError, type Platform } from '@engine/core/plain';
import { nodePlatform } from '@engine/fileio';
import { cliErrors } from './errors.js';

const TYPESCRIPT_FILE = /^(\.{0,2}[/\\]|[A-Za-z]:[/\\]).*\.[cm]?ts$/;

/** Node, which also imports TypeScript files that a config names in `customImports`: without a build, as it loads configs. */
export function cliPlatform(cwd: string): Platform {
  const { resolve, importModule } = nodeReader({ cwd });
  return {
    ...nodePlatform,
    /** @throws `ENGINE_FILEIO_MODULE_NOT_FOUND`, `ENGINE_CLI_IMPORT_FAILED` */
    async import(specifier, from) {
      const file = TYPESCRIPT_FILE.test(specifier) ? resolve(specifier, from) : undefined;
      try {
        return file !== undefined && importModule !== undefined && existsSync(file)
          ? await importModule(file)
          : await nodePlatform.import(specifier, from);
      } catch (cause) {
        throw cause instanceof EngineError ? cause : importFailed(specifier, cause);
      }
    },
  };
}

function importFailed(specifier: string, cause: unknown): Error {
  return cliErrors.IMPORT_FAILED({
    subject: specifier,
    expected: 'a module that runs',
    received: cause instanceof Error ? `${cause.name}: ${cause.message.split('\n', 1)[0]}` : String(cause),
    action: 'correct the module; the cause says where it failed',
    cause,
  });
}
