import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nativeErrors } from '../errors.js';
import { findLibrary } from '../find-library.js';
import type { Flavour } from '../flavours.js';
import { cacheFolder, here, holdsLibrary, installName, libraryFiles, type Surroundings } from '../folders.js';
import { type LibraryPins, pinsFor, type WheelPin } from '../pins.js';
import { MANIFEST, type Manifest } from './cache.js';
import { diskError } from './disk.js';
import { findPip, pipDownload } from './pip.js';
import { findIndex } from './pip-config.js';
import { identify } from './sha256.js';
import { download, findWheel } from './wheel-index.js';
import { badWheel, extract } from './zip.js';

export interface InstallOptions {
  readonly flavour: Flavour;
  /** The folder of libraries. Default: the cache of the user. */
  readonly dir?: string | undefined;
  /** Wheels at hand; nothing of theirs is fetched then. */
  readonly fromWheel?: readonly string[] | undefined;
  /** The package index to ask. Default: what pip is set to. */
  readonly index?: string | undefined;
  /** Fetch nothing. */
  readonly offline?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly surroundings?: Surroundings | undefined;
  /** Default: those of the package. */
  readonly pins?: LibraryPins | undefined;
  /** Whether pip may be asked. Default true. */
  readonly pip?: boolean | undefined;
}

/** `total` is unknown where the source does not say it. */
export interface Progress {
  readonly what: 'fetch' | 'verify' | 'unpack';
  readonly file: string;
  readonly done?: number;
  readonly total?: number | undefined;
}

export interface Installation {
  /** The folder with the libraries. */
  readonly folder: string;
  /** `existing`: one was there, nothing was done. */
  readonly how: 'existing' | 'installed';
}

/** What is taken out of a wheel: libraries, the tools that the compiler of GPU code needs, and licences. */
const wantedOn =
  (platform: string) =>
  (name: string): boolean =>
    libraryFiles(platform).some((file) => name === `tensorflow/${file}`) ||
    /^nvidia\/[^/]+\/(lib\/|bin\/ptxas$|nvvm\/libdevice\/)/.test(name) ||
    /^tensorflow\/THIRD_PARTY_NOTICES|\.dist-info\/.*(LICENSE|NOTICE|License)[^/]*$/.test(name);

/**
 * Puts a TensorFlow library into the cache of the user: found, or fetched by pip or from the index that pip is set to, verified by
 * its SHA-256, unpacked beside its place and moved there at once. Interrupted, it goes on where it stopped; nothing half-done is ever used.
 * @throws `ENGINE_NATIVE_PLATFORM`, `ENGINE_NATIVE_NO_C_API`, `ENGINE_NATIVE_FILE_NOT_FOUND`, `ENGINE_NATIVE_OFFLINE`, `ENGINE_NATIVE_NO_INDEX`, `ENGINE_NATIVE_INDEX_FAILED`,
 * `ENGINE_NATIVE_DOWNLOAD_FAILED`, `ENGINE_NATIVE_CHECKSUM`, `ENGINE_NATIVE_BAD_WHEEL`, `ENGINE_NATIVE_NO_SPACE`, `ENGINE_NATIVE_CACHE_UNWRITABLE`
 */
export async function installLibrary(options: InstallOptions): Promise<Installation> {
  const { flavour, dir, fromWheel = [], surroundings = here() } = options;
  if (dir === undefined && fromWheel.length === 0) {
    const found = findLibrary(flavour, surroundings);
    if (found !== undefined) return { folder: found.folder, how: 'existing' };
  }
  const pins = options.pins ?? pinsFor(flavour, surroundings.platform, surroundings.arch);
  const cache = resolve(dir ?? cacheFolder(surroundings));
  const target = join(cache, installName(flavour, pins.library.version, surroundings));
  const folder = join(target, 'tensorflow');
  if (holdsLibrary(folder, surroundings.platform)) return { folder, how: 'existing' };
  try {
    const wheels = await gather(options, pins, { cache, surroundings });
    await unpack(wheels, target, { options, surroundings });
    await rm(join(cache, 'downloads'), { recursive: true, force: true });
  } catch (error) {
    throw diskError(error, cache);
  }
  return { folder, how: 'installed' };
}

interface Gathered {
  readonly pin: WheelPin;
  readonly file: string;
}

interface Places {
  readonly cache: string;
  readonly surroundings: Surroundings;
}

/** Every wheel of a library, verified. */
async function gather(options: InstallOptions, pins: LibraryPins, places: Places): Promise<Gathered[]> {
  const known = [pins.library, ...pins.alternatives, ...pins.companions];
  const given: Gathered[] = [];
  for (const file of options.fromWheel ?? []) {
    if (!existsSync(file)) throw notFound(file);
    options.onProgress?.({ what: 'verify', file });
    given.push({ file, pin: await identify(file, known) });
  }
  const isGiven = (wanted: readonly WheelPin[]): boolean => given.some(({ pin }) => wanted.includes(pin));
  const missing = [
    ...(isGiven([pins.library, ...pins.alternatives]) ? [] : [pins.library]),
    ...pins.companions.filter((companion) => !isGiven([companion])),
  ];
  const fetched: Gathered[] = [];
  const downloads = join(places.cache, 'downloads');
  if (missing.length > 0) await mkdir(downloads, { recursive: true });
  for (const pin of missing) {
    const file = join(downloads, pin.file);
    if (!existsSync(file)) await fetchWheel(pin, downloads, { options, surroundings: places.surroundings });
    options.onProgress?.({ what: 'verify', file });
    await identify(file, [pin]).catch(async (error: unknown) => {
      await rm(file, { force: true });
      throw error;
    });
    fetched.push({ pin, file });
  }
  return [...given, ...fetched];
}

interface Setting {
  readonly options: InstallOptions;
  readonly surroundings: Surroundings;
}

async function fetchWheel(pin: WheelPin, downloads: string, { options, surroundings }: Setting): Promise<void> {
  const { flavour, offline = false, onProgress } = options;
  if (offline) throw noWheel(flavour, pin, downloads);
  const index = findIndex(options.index, surroundings);
  const pip = options.pip === false ? undefined : await findPip(surroundings.env as NodeJS.ProcessEnv);
  if (pip === undefined && index === undefined) throw noIndex(flavour, pin);
  onProgress?.({ what: 'fetch', file: pin.file });
  if (pip !== undefined) {
    const env = surroundings.env as NodeJS.ProcessEnv;
    try {
      await pipDownload(pip, pin, { into: downloads, index: options.index, env });
      return;
    } catch (error) {
      if (index === undefined) throw error;
    }
  }
  if (index === undefined) return;
  const url = await findWheel(index, pin);
  await download(url, join(downloads, pin.file), (done, total) =>
    onProgress?.({ what: 'fetch', file: pin.file, done, total }),
  );
}

/** Unpacks beside the target and renames: the folder is there whole or not at all. */
async function unpack(wheels: readonly Gathered[], target: string, { options, surroundings }: Setting): Promise<void> {
  const partial = `${target}.partial-${process.pid}`;
  try {
    await mkdir(partial, { recursive: true });
    for (const { file, pin } of wheels) {
      let done = 0;
      await extract(file, partial, wantedOn(surroundings.platform), (bytes) => {
        done += bytes;
        options.onProgress?.({ what: 'unpack', file: pin.file, done });
      });
    }
    if (!holdsLibrary(join(partial, 'tensorflow'), surroundings.platform)) {
      const [first, ...rest] = libraryFiles(surroundings.platform);
      throw badWheel(wheels.map(({ file }) => file).join(', '), `no ${[first, ...rest].join(' and ')} in it`);
    }
    const manifest: Manifest = {
      flavour: options.flavour,
      version: (wheels[0] as Gathered).pin.version,
      wheels: wheels.map(({ pin }) => pin.file),
    };
    await writeFile(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function notFound(file: string): Error {
  return nativeErrors.FILE_NOT_FOUND({
    subject: '--from-wheel',
    expected: 'a wheel',
    received: `no file ${resolve(file)}`,
    action: 'check the path',
  });
}

const pipCommand = ({ project, version }: WheelPin): string => `pip download --no-deps ${project}==${version}`;

function noWheel(flavour: Flavour, pin: WheelPin, downloads: string): Error {
  return nativeErrors.OFFLINE({
    subject: `backend ${flavour}`,
    expected: `${pin.file} in ${downloads}, or given by --from-wheel`,
    received: '--offline, and no such file',
    action: `fetch it where there is a network (${pipCommand(pin)}), then engine backend install ${flavour} --offline --from-wheel ${pin.file}`,
  });
}

function noIndex(flavour: Flavour, pin: WheelPin): Error {
  return nativeErrors.NO_INDEX({
    subject: `backend ${flavour}`,
    expected: 'pip or uv, or the address of a package index in --index, PIP_INDEX_URL or a configuration file of pip',
    received: 'none of them',
    action: `engine backend install ${flavour} --index ADDRESS; or, on a machine with pip, ${pipCommand(pin)}, and here engine backend install ${flavour} --from-wheel ${pin.file}`,
  });
}
