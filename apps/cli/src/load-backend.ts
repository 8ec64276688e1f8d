import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError, type Platform } from '@engine/core/plain';
import type { Registry } from '@engine/registry';
import { cliErrors } from './errors.js';

export interface BackendSearch {
  readonly registry: Registry;
  readonly platform: Platform;
  /** The config file; backends are looked for beside it, then in `cwd`, then beside the command line program. */
  readonly file: string;
  readonly cwd: string;
}

/**
 * Makes a backend known by name: one that is registered, or that of an installed package `@engine/backend-NAME`.
 * @throws `ENGINE_CLI_UNKNOWN_BACKEND`
 */
export async function loadBackend(name: string, { registry, platform, file, cwd }: BackendSearch): Promise<void> {
  if (registry.has('backend', name)) return;
  let cause: unknown;
  for (const from of [file, join(cwd, '_'), fileURLToPath(import.meta.url)]) {
    try {
      registry.registerExports(await platform.import(`@engine/backend-${name}`, from));
      if (registry.has('backend', name)) return;
    } catch (error) {
      cause ??= error;
      if (!isNotFound(error)) throw unknownBackend(name, error);
    }
  }
  throw unknownBackend(name, cause);
}

function unknownBackend(name: string, cause: unknown): Error {
  const broken = cause !== undefined && !isNotFound(cause);
  return cliErrors.UNKNOWN_BACKEND({
    subject: `--backend ${name}`,
    expected: 'wasm, cpu, or NAME of an installed package @engine/backend-NAME',
    received: broken ? `a package @engine/backend-${name} that cannot be loaded` : `no package @engine/backend-${name}`,
    action: `check the name, or install it: npm i @engine/backend-${name}`,
    cause,
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'ENGINE_FILEIO_MODULE_NOT_FOUND';
}
