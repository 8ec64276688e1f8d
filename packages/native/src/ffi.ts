import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { nativeErrors } from './errors.js';
import { loadFailed } from './load-failed.js';

/** A C function; addresses are numbers. */
export type CFunction = (...args: unknown[]) => unknown;

/** The part of koffi's prebuilt module that is used here. */
interface Ffi {
  load(path: string | null): { func(declaration: string): CFunction };
}

const [NOW, NO_DELETE_LINUX, NO_DELETE_DARWIN] = [2, 0x1000, 0x80];

/** The package with the prebuilt module for a system; none of them has an install script. */
export const ffiPackage = (platform: string = process.platform, arch: string = process.arch): string =>
  `@koromix/koffi-${platform}-${arch}`;

type Require = (name: string) => unknown;

/** Loads the prebuilt module. @throws `ENGINE_NATIVE_NO_FFI` */
export function loadFfi(require: Require = createRequire(import.meta.url), name: string = ffiPackage()): Ffi {
  try {
    return require(name) as Ffi;
  } catch (cause) {
    throw nativeErrors.NO_FFI({
      subject: name,
      expected: 'the prebuilt module that calls C functions, an optional dependency of @engine/native',
      received: cause instanceof Error ? (cause.message.split('\n', 1)[0] as string) : String(cause),
      action: `npm i ${name}, or install again without --omit=optional`,
      cause,
    });
  }
}

/**
 * Opens a library for the life of the process and declares functions of it.
 *
 * It is never unloaded: TensorFlow has threads and exit handlers that must not lose their code.
 * @throws `ENGINE_NATIVE_LOAD_FAILED`
 */
export function openForever(ffi: Ffi, path: string): { func(declaration: string): CFunction } {
  if (process.platform === 'win32') return ffi.load(path);
  const system = ffi.load(null);
  const open = system.func('int64 dlopen(const char* path, int flags)');
  const isOpen = (): boolean => open(path, flags) !== 0;
  const flags = NOW + (process.platform === 'darwin' ? NO_DELETE_DARWIN : NO_DELETE_LINUX);
  if (!silently(system, isOpen)) {
    const reason = system.func('const char* dlerror()')();
    throw loadFailed(path, reason ?? `cannot load ${path}`);
  }
  return ffi.load(path);
}

/** `memcpy`, once for each direction, so that addresses may be numbers. */
export function memoryCopies(ffi: Ffi): { toNative: CFunction; toHost: CFunction } {
  const system = ffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
  return {
    toNative: system.func('int64 memcpy(int64 to, const void* from, size_t bytes)'),
    toHost: system.func('int64 memcpy(void* to, int64 from, size_t bytes)'),
  };
}

/** Hands pages that the C library's allocator keeps for later back to the system; does nothing where there is no `malloc_trim` (only glibc has it). */
export function memoryTrimmer(ffi: Ffi): () => void {
  if (process.platform !== 'linux') return () => {};
  try {
    const trim = ffi.load(null).func('int malloc_trim(size_t keep)');
    return () => void trim(0);
  } catch {
    return () => {};
  }
}

/** Says nothing on the terminal meanwhile: TensorFlow prints notices while it is loaded, whatever level its own variable sets. */
function silently<T>(system: { func(declaration: string): CFunction }, load: () => T): T {
  const duplicate = system.func('int dup(int file)');
  const replace = system.func('int dup2(int from, int to)');
  const terminal = duplicate(2);
  const nowhere = openSync('/dev/null', 'w');
  replace(nowhere, 2);
  try {
    return load();
  } finally {
    replace(terminal, 2);
    closeSync(terminal as number);
    closeSync(nowhere);
  }
}

/** Runs `run` while no signal is delivered to this thread. */
export type WithoutSignals = <T>(run: () => T) => T;

const [SIG_BLOCK, SIG_SETMASK, SET_BYTES] = [0, 2, 128];
/** A fault must never be blocked: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV. */
const FAULTS = [4, 5, 6, 7, 8, 11];

/**
 * Holds signals back on Linux; elsewhere it only runs.
 *
 * The matrix products of oneDNN (x64, seen in TensorFlow 2.21) point the stack register into a buffer on the heap. A signal that arrives
 * then has its frame written over what lies before the buffer, and the process dies: always under `node --cpu-prof`, now and then at Ctrl-C.
 */
export function signalBlocker(ffi: Ffi): WithoutSignals {
  if (process.platform !== 'linux') return (run) => run();
  const setMask = ffi.load(null).func('int pthread_sigmask(int how, const void* set, void* before)');
  const change = ffi.load(null).func('int pthread_sigmask(int how, const void* set, const void* nothing)');
  const all = new Uint8Array(SET_BYTES).fill(0xff);
  for (const fault of FAULTS) {
    const bit = fault - 1;
    all[bit >> 3] = (all[bit >> 3] as number) & ~(1 << (bit & 7));
  }
  const before = new Uint8Array(SET_BYTES);
  let depth = 0;
  return (run) => {
    if (depth++ === 0) setMask(SIG_BLOCK, all, before);
    try {
      return run();
    } finally {
      if (--depth === 0) change(SIG_SETMASK, before, null);
    }
  };
}
