import type { Registry } from '@engine/registry';
import { nodePlatform } from '@engine/fileio';
import { cliErrors } from './errors.js';

/**
 * Makes a backend known by name: one that is registered, or one whose package `@engine/backend-NAME` is installed beside the config.
 * @throws `ENGINE_CLI_UNKNOWN_BACKEND`
 */
export async function loadBackend(name: string, registry: Registry, from: string): Promise<void> {
  if (registry.has('backend', name)) return;
  const specifier = `@engine/backend-${name}`;
  try {
    registry.registerExports(await nodePlatform.import(specifier, from));
  } catch (cause) {
    throw unknownBackend(name, cause);
  }
  if (!registry.has('backend', name)) throw unknownBackend(name);
}

function unknownBackend(name: string, cause?: unknown): Error {
  return cliErrors.UNKNOWN_BACKEND({
    subject: `--backend ${name}`,
    expected: 'wasm, or NAME of an installed package @engine/backend-NAME',
    received: `no backend ${name}`,
    action: `check the name, or install it: npm i @engine/backend-${name}`,
    cause,
  });
}
