import { formatLocation, type SourceLocation } from '@engine/core/plain';
import { show } from '@engine/registry';
import { configErrors } from './errors.js';
import type { Node } from './tree.js';

/** Characters of a config file; the largest known, with thousands of class names in it, have a fifth of that. */
const MAX_SIZE = 2 ** 19;
const MAX_CHAIN = 100;

/** @throws `ENGINE_CONFIG_TOO_LARGE` */
export function requireSize(size: number, file: string): void {
  if (size <= MAX_SIZE) return;
  throw configErrors.TOO_LARGE({
    subject: file,
    expected: `a config of at most ${MAX_SIZE / 2 ** 10} KiB`,
    received: `${Math.ceil(size / 2 ** 10)} KiB`,
    action: 'check that this is a config; large lists belong in a data file that the config names',
    at: { file },
  });
}

/** @throws `ENGINE_CONFIG_TOO_DEEP` */
export function requireShortChain(chain: readonly string[], at: SourceLocation | undefined): void {
  if (chain.length <= MAX_CHAIN) return;
  throw configErrors.TOO_DEEP({
    subject: '_base_',
    expected: `a chain of at most ${MAX_CHAIN} files`,
    received: `${chain.slice(0, 3).join(' → ')} → ...`,
    action: 'let the config extend its bases more directly',
    at,
  });
}

export function unreadable(file: string, error: unknown): Error {
  return configErrors.UNREADABLE({
    subject: file,
    expected: 'a file that can be read',
    received: error instanceof Error ? error.message : String(error),
    action: 'check that it is a file, and its permissions',
    cause: error,
  });
}

export function circular(chain: readonly string[], at: SourceLocation | undefined): Error {
  return configErrors.CIRCULAR_BASE({
    subject: '_base_',
    expected: 'a config that does not extend itself',
    received: chain.join(' → '),
    action: 'take one of these files out of _base_',
    at: at ?? { file: chain.at(-2) ?? '' },
  });
}

export function notFound(file: string, chain: readonly string[], at: SourceLocation | undefined): Error {
  return configErrors.FILE_NOT_FOUND({
    subject: file,
    expected: 'an existing config file',
    received: chain.length === 0 ? 'no such file' : `no such file: ${[...chain, file].join(' → ')}`,
    action: chain.length === 0 ? 'check the path' : 'correct _base_; it is relative to the file it stands in',
    at: at ?? (chain.length === 0 ? undefined : { file: chain.at(-1) ?? '' }),
  });
}

export function packageNotFound(written: string, name: string, at: SourceLocation): Error {
  return configErrors.PACKAGE_NOT_FOUND({
    subject: '_base_',
    expected: `an installed package ${name} with this config in its folder configs`,
    received: written,
    action: `install it (npm i ${name}), or check the path: ${formatLocation(at)}`,
    at,
  });
}

export function unknownFormat(file: string, extension: string, known: readonly string[], at?: SourceLocation): Error {
  return configErrors.UNKNOWN_FORMAT({
    subject: file,
    expected: `one of ${known.join(', ')}`,
    received: extension === '' ? 'no extension' : extension,
    action: 'rename or convert the file',
    at,
  });
}

export function notAMapping(node: Node, file: string): Error {
  return configErrors.NOT_A_MAPPING({
    subject: file,
    expected: 'keys with values at the top of the config',
    received: node.kind === 'value' ? show(node.value) : `a ${node.kind}`,
    action: 'write key: value pairs',
    at: node.at,
  });
}

export function noModules(file: string): Error {
  return configErrors.NO_MODULES({
    subject: file,
    expected: 'a reader that can load modules',
    received: 'a reader without importModule',
    action: 'use nodeReader() of @engine/config/node, or write the config as JSON or YAML',
  });
}

export function noDefaultExport(file: string, names: readonly string[]): Error {
  return configErrors.NO_DEFAULT_EXPORT({
    subject: file,
    expected: 'a default export: export default defineConfig({ ... })',
    received: `the exports ${names.join(', ') || '(none)'}`,
    action: 'export the config as default',
    at: { file },
  });
}

export function moduleFailed(file: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const position = /:(\d+):(\d+)\)?|\((\d+):(\d+)\)/.exec(message);
  const [line, column] = [position?.[1] ?? position?.[3], position?.[2] ?? position?.[4]];
  return configErrors.MODULE_FAILED({
    subject: file,
    expected: 'a module that runs and exports a config',
    received: message.split('\n', 1)[0] ?? message,
    action: 'correct the module; the cause has the details',
    at: line === undefined ? { file } : { file, line: Number(line), column: Number(column) },
    cause: error,
  });
}
