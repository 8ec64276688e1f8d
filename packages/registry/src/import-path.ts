import type { Entry, Kind } from '@engine/core';
import type { Registry } from './registry.js';

/** Python packages whose entries are known here without a scope. */
const ROOTS: ReadonlySet<string> = new Set(['torch', 'torchvision', 'mmengine', 'mmcv']);

/** What the import path of a Python class means here: `torch.optim.SGD` is SGD, `mmdet.models.RetinaNet` is RetinaNet in the scope mmdet. */
export interface ImportPath {
  /** Undefined: the root's. */
  readonly scope: string | undefined;
  readonly name: string;
}

/** Undefined for a name without a dot. */
export function readImportPath(path: string): ImportPath | undefined {
  const parts = path.split('.');
  const [root = '', name = ''] = [parts[0], parts.at(-1)];
  if (parts.length < 2 || parts.includes('')) return undefined;
  return { scope: ROOTS.has(root) ? undefined : root, name };
}

/** For `new Registry({ resolve })`: an import path of Python stands for its last name, looked up in the registry of its package. */
export function resolveImportPath(kind: Kind, path: string, root: Registry): Entry | undefined {
  const found = readImportPath(path);
  if (found === undefined) return undefined;
  const { scope, name } = found;
  const own = scope === undefined ? root : root.find(scope);
  if (own === root) return root.get(kind, name);
  return path === `${scope}.${name}` ? undefined : own?.get(kind, `${own.scope}.${name}`);
}
