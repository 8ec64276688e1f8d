/** The libraries that are installed, each a folder with `library.json` in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Flavour, flavours } from '../flavours.js';
import { cacheFolder, type Surroundings } from '../folders.js';

export const MANIFEST = 'library.json';

/** What `library.json` says. */
export interface Manifest {
  readonly flavour: Flavour;
  readonly version: string;
  readonly wheels: readonly string[];
}

export interface InstalledLibrary extends Manifest {
  readonly folder: string;
  readonly bytes: number;
}

/** The libraries below a folder of libraries; what is half-written or not ours is left out. */
export function listLibraries(cache: string): InstalledLibrary[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .sort()
    .flatMap((name) => {
      const folder = join(cache, name);
      const manifest = readManifest(folder);
      return manifest === undefined || name.includes('.partial-')
        ? []
        : [{ ...manifest, folder, bytes: bytesIn(folder) }];
    });
}

function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Partial<Manifest>;
    const isWhole = flavours.includes(manifest.flavour as Flavour) && typeof manifest.version === 'string';
    return isWhole
      ? { flavour: manifest.flavour as Flavour, version: manifest.version as string, wheels: manifest.wheels ?? [] }
      : undefined;
  } catch {
    return undefined;
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Removes a library, wheels fetched for it, and what broken-off installations have left. Returns what is gone. */
export async function removeLibrary(flavour: Flavour, surroundings: Surroundings): Promise<InstalledLibrary[]> {
  const cache = cacheFolder(surroundings);
  const gone = listLibraries(cache).filter((library) => library.flavour === flavour);
  for (const { folder } of gone) await rm(folder, { recursive: true, force: true });
  await removeLeftovers(cache);
  return gone;
}

/** Folders of installations that were interrupted, and fetched wheels. */
async function removeLeftovers(cache: string): Promise<void> {
  if (!existsSync(cache)) return;
  const leftovers = readdirSync(cache).filter((name) => name.includes('.partial-') || name === 'downloads');
  for (const name of leftovers) await rm(join(cache, name), { recursive: true, force: true });
}
