import { existsSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { availableParallelism, cpus, hostname, release, totalmem, type } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Platform } from '@engine/core';
import { fileioErrors } from './errors.js';
import { resolvePackage } from './resolve-package.js';

/** Milliseconds for which the size of the process is not asked for again: the system takes up to 0.1 ms to tell it. */
const RESIDENT_EVERY = 1000;
let resident = { at: Number.NEGATIVE_INFINITY, bytes: 0 };

/** The operating system through Node. */
export const nodePlatform: Platform = {
  name: 'node',
  now: () => Date.now(),
  monotonic: () => performance.now(),
  cpuCount: () => Math.max(1, availableParallelism()),
  residentBytes() {
    const now = performance.now();
    if (now - resident.at >= RESIDENT_EVERY) resident = { at: now, bytes: process.memoryUsage.rss() };
    return resident.bytes;
  },
  env: (name) => process.env[name],

  async import(specifier, from) {
    const base =
      from === undefined ? join(process.cwd(), '_') : resolve(from.startsWith('file:') ? fileURLToPath(from) : from);
    return (await import(/* @vite-ignore */ locate(specifier, base))) as Record<string, unknown>;
  },

  onSignal(signal, listener) {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  yieldToEventLoop: () => nextTurn(),
  exit: (code) => process.exit(code),
  describe: () => ({
    node: process.versions.node,
    system: `${type()} ${release()} ${process.arch}`,
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'} (${availableParallelism()} threads)`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    host: hostname(),
  }),
};

/** The URL of a module as seen from the file `base`. @throws `ENGINE_FILEIO_MODULE_NOT_FOUND` */
function locate(specifier: string, base: string): string {
  if (/^(node|data):/.test(specifier) || isBuiltin(specifier)) return specifier;
  if (isPath(specifier)) {
    const file = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(base), specifier);
    if (!existsSync(file)) throw notFound(specifier, base);
    return pathToFileURL(file).href;
  }
  const found = resolvePackage(specifier, dirname(base));
  if (found !== undefined && existsSync(found)) return pathToFileURL(found).href;
  try {
    return pathToFileURL(createRequire(base).resolve(specifier)).href;
  } catch (error) {
    throw notFound(specifier, base, error);
  }
}

function isPath(specifier: string): boolean {
  return /^(\.{1,2}([/\\]|$)|file:)/.test(specifier) || isAbsolute(specifier);
}

function notFound(specifier: string, base: string, cause?: unknown): Error {
  const path = isPath(specifier);
  return fileioErrors.MODULE_NOT_FOUND({
    subject: specifier,
    expected: path ? 'a module file that exists' : 'an installed package that exports this',
    received: `${specifier}, looked for from ${dirname(base)}`,
    action: path ? 'check the path' : `install it: npm i ${packageName(specifier)}`,
    cause,
  });
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
