import type { SourceLocation } from '@engine/core';
import { configErrors } from './errors.js';

/** A base in another package: `their-package::models/resnet.yaml`. */
export interface PackagePath {
  readonly name: string;
  /** Path inside the package's configs. */
  readonly path: string;
}

const NAME = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i;

/** Reads `package::path`; undefined for a path without `::`. @throws `ENGINE_CONFIG_BAD_PACKAGE_PATH`, also where the path leads out of the package */
export function packagePathOf(written: string, at: SourceLocation): PackagePath | undefined {
  if (!written.includes('::')) return undefined;
  const [name = '', path = '', ...more] = written.split('::');
  const parts = path.split('/');
  const stays = !/[\\\0]|^[a-z]:/i.test(path) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (NAME.test(name) && more.length === 0 && !path.startsWith(':') && stays) return { name, path };
  throw configErrors.BAD_PACKAGE_PATH({
    subject: '_base_',
    expected: 'package::path, with a path inside the configs of that package',
    received: JSON.stringify(written),
    action: 'write it like their-package::models/resnet.yaml, without ..',
    at,
  });
}
