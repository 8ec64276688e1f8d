import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Jiti } from 'jiti';
import { datasetErrors } from '../errors.js';
import type { ImportModule } from '../worker/rebuild.js';

/** Imports by file URL, path or package name; TypeScript runs without a build. Packages are looked for from each of `bases`, then from here. */
export function moduleImporter(bases: readonly string[]): ImportModule {
  let jiti: Jiti | undefined;
  const loaded = new Map<string, Promise<Readonly<Record<string, unknown>>>>();
  const load = async (specifier: string): Promise<Readonly<Record<string, unknown>>> => {
    const file = fileOf(specifier);
    if (file === undefined) return importPackage(specifier, bases);
    if (!/\.[cm]?tsx?$/.test(file))
      return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
    const { createJiti } = await import('jiti');
    jiti ??= createJiti(file, { interopDefault: false });
    return (await jiti.import(file)) as Record<string, unknown>;
  };
  return (specifier) => {
    const promise = loaded.get(specifier) ?? load(specifier);
    loaded.set(specifier, promise);
    return promise;
  };
}

/** The file of a URL or path; undefined for packages. */
function fileOf(specifier: string): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier.replace(/[?#].*$/, ''));
  return isAbsolute(specifier) ? specifier : undefined;
}

async function importPackage(specifier: string, bases: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const from = placesOf(bases);
  for (const base of from) {
    const file = resolveFrom(base, specifier);
    if (file !== undefined)
      return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
  }
  const { nodePlatform } = await import('@engine/fileio'); // finds what has no CommonJS export, too
  for (const base of from) {
    try {
      return await nodePlatform.import(specifier, base);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENGINE_FILEIO_MODULE_NOT_FOUND') throw error; // else the next base may know it
    }
  }
  throw datasetErrors.NOT_EXPORTED({
    subject: specifier,
    expected: 'an installed package, an absolute path or a file URL',
    received: `${specifier}, which is not found from ${bases.join(' nor ')}`,
    action: 'install it, or use `module: import.meta.url` in the entry',
  });
}

/** Files from which packages are looked for: strict package managers show first-party ones to `@engine/standard` only. */
function placesOf(bases: readonly string[]): string[] {
  const own = [...bases.flatMap((base) => [join(base, '_'), realPath(base)]), fileURLToPath(import.meta.url)];
  const standard = own.flatMap((base) => resolveFrom(base, '@engine/standard') ?? []);
  return [...new Set([...own, ...standard])];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function resolveFrom(base: string, specifier: string): string | undefined {
  try {
    return createRequire(base).resolve(specifier);
  } catch {
    return undefined;
  }
}
