/** What this machine has for the native backends, what is missing and what to do. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from '@engine/core/plain';
import { driverProblem, driverVersion } from '../driver.js';
import { ffiPackage, loadFfi } from '../ffi.js';
import { type FoundLibrary, findLibrary } from '../find-library.js';
import { type Flavour, flavours } from '../flavours.js';
import { cacheFolder, here, type Surroundings } from '../folders.js';
import { isTested, pinsFor } from '../pins.js';
import { listLibraries } from './cache.js';
import { findPip } from './pip.js';
import { findIndex } from './pip-config.js';
import { shown } from './wheel-index.js';

/** One thing that was looked at. */
export interface NativeFinding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly found: string;
  readonly action?: string;
}

/** The oldest C library that the pinned wheels run on. */
const MIN_GLIBC = [2, 27] as const;
/** The kernel of macOS 12, for which the pinned wheels are built. */
const MIN_DARWIN = 21;

/** Looks at everything that the native backends need. */
export async function examineNative(surroundings: Surroundings = here()): Promise<NativeFinding[]> {
  return [
    ...untested(surroundings),
    ...macOS(surroundings),
    foreignCalls(surroundings),
    ...glibc(surroundings),
    ...flavours.map((flavour) => library(flavour, surroundings)),
    ...installed(surroundings),
    await source(surroundings),
    await gpu(),
    ...cudaLibraries(surroundings),
  ];
}

/** A system on which nobody has run it. */
function untested({ platform, arch }: Surroundings): NativeFinding[] {
  if (isTested('node', platform, arch)) return [];
  const action =
    'npm run bench -- step --backend node says whether it computes what it should; please report what you see';
  return [{ what: 'system', state: 'note', found: `${platform}-${arch}: written down, untested`, action }];
}

function macOS({ platform, release = '' }: Surroundings): NativeFinding[] {
  if (platform !== 'darwin') return [];
  const darwin = Number.parseInt(release, 10);
  const what = 'macOS';
  if (darwin >= MIN_DARWIN) return [{ what, state: 'ok', found: `Darwin ${release}` }];
  const action = 'update macOS, or stay with the wasm backend';
  return [{ what, state: 'missing', found: `Darwin ${release}; macOS 12 (Darwin ${MIN_DARWIN}) is needed`, action }];
}

function foreignCalls({ platform, arch }: Surroundings): NativeFinding {
  const name = ffiPackage(platform, arch);
  try {
    loadFfi(undefined, name);
    return { what: 'calls of C functions', state: 'ok', found: name };
  } catch {
    return { what: 'calls of C functions', state: 'missing', found: `no ${name}`, action: `npm i ${name}` };
  }
}

function glibc({ platform }: Surroundings): NativeFinding[] {
  if (platform !== 'linux') return [];
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return [glibcFinding(header.glibcVersionRuntime)];
}

/** `version` as Node reports it; undefined where the C library is another one. */
export function glibcFinding(version: string | undefined): NativeFinding {
  const what = 'C library';
  const needed = MIN_GLIBC.join('.');
  const action = 'run on a distribution with a newer glibc, or stay with the wasm backend';
  if (version === undefined) return { what, state: 'missing', found: `not glibc; ${needed} is needed`, action };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > MIN_GLIBC[0] || (major === MIN_GLIBC[0] && minor >= MIN_GLIBC[1]);
  if (isEnough) return { what, state: 'ok', found: `glibc ${version}` };
  return { what, state: 'missing', found: `glibc ${version}; ${needed} is needed`, action };
}

function library(flavour: Flavour, surroundings: Surroundings): NativeFinding {
  const what = `library for ${flavour}`;
  const state = flavour === 'node' ? 'missing' : 'note';
  let found: FoundLibrary | undefined;
  try {
    found = findLibrary(flavour, surroundings);
    if (found !== undefined) return { what, state: 'ok', found: `${found.folder} (${found.from})` };
    pinsFor(flavour, surroundings.platform, surroundings.arch);
    return { what, state, found: 'none', action: `engine backend install ${flavour}` };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { what, state, found: error.received, action: error.action };
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

function installed(surroundings: Surroundings): NativeFinding[] {
  return listLibraries(cacheFolder(surroundings)).map(({ flavour, version, folder, bytes }) => ({
    what: `installed ${flavour}`,
    state: 'ok',
    found: `TensorFlow ${version}, ${gigabytes(bytes)}, ${folder}`,
  }));
}

async function source(surroundings: Surroundings): Promise<NativeFinding> {
  const what = 'package index';
  const pip = await findPip(surroundings.env as NodeJS.ProcessEnv);
  const index = findIndex(undefined, surroundings);
  if (pip !== undefined) return { what, state: 'ok', found: `${[pip.command, ...pip.args].join(' ')} knows it` };
  if (index !== undefined) return { what, state: 'ok', found: `${shown(index.url)} (${index.from})` };
  return {
    what,
    state: 'note',
    found: 'neither pip nor uv nor the address of an index',
    action: 'to install a library: install pip, or give --index ADDRESS or --from-wheel FILE',
  };
}

async function gpu(): Promise<NativeFinding> {
  const what = 'NVIDIA GPU';
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const listed = await new Promise<string | undefined>((done) =>
    execFile('nvidia-smi', query, { timeout: 10_000 }, (error, stdout) => done(error === null ? stdout : undefined)),
  );
  if (listed !== undefined) return gpuFinding(listed.trim().replaceAll('\n', '; '));
  const driver = '/proc/driver/nvidia/version';
  if (existsSync(driver)) return gpuFinding(readFileSync(driver, 'utf8').split('\n', 1)[0] as string);
  return { what, state: 'note', found: 'none seen: backend cuda would compute on the CPU' };
}

/** `found` names GPUs and their driver. */
export function gpuFinding(found: string): NativeFinding {
  const what = 'NVIDIA GPU';
  const version = driverVersion(found);
  const problem = version === undefined ? undefined : driverProblem(version);
  if (problem === undefined) return { what, state: 'ok', found };
  return { what, state: 'missing', found: `${found}: ${problem.expected} is needed`, action: problem.action };
}

/** The libraries of CUDA that lie beside a library, where it looks for them. */
function cudaLibraries(surroundings: Surroundings): NativeFinding[] {
  const found = listLibraries(cacheFolder(surroundings)).find(({ flavour }) => flavour === 'cuda');
  if (found === undefined) return [];
  const nvidia = join(dirname(join(found.folder, 'tensorflow')), 'nvidia');
  const parts = existsSync(nvidia) ? readdirSync(nvidia).sort() : [];
  return [
    {
      what: 'CUDA libraries',
      state: parts.length > 0 ? 'ok' : 'missing',
      found: parts.join(', ') || 'none',
      ...(parts.length > 0 ? {} : { action: 'engine backend remove cuda, then engine backend install cuda' }),
    },
  ];
}
