/**
 * Finds an ES module by package name from a folder other than ours. Node offers this for CommonJS only, whose resolver
 * refuses packages that export nothing but `import`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];

/** The file that `import 'specifier'` from `folder` means, if the package has an `exports` map that names it. */
export function resolvePackage(specifier: string, folder: string): string | undefined {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  const name = parts.slice(0, length).join('/');
  const subpath = ['.', ...parts.slice(length)].join('/');
  for (let at = folder; ; at = dirname(at)) {
    const root = join(at, 'node_modules', name);
    const manifest = join(root, 'package.json');
    if (existsSync(manifest)) {
      const target = exportTarget(
        (JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown }).exports,
        subpath,
      );
      return target === undefined ? undefined : join(root, target);
    }
    if (dirname(at) === at) return undefined;
  }
}

function exportTarget(exports: unknown, subpath: string): string | undefined {
  if (!isObject(exports) || !Object.keys(exports).some((key) => key.startsWith('.'))) {
    return subpath === '.' ? pick(exports) : undefined;
  }
  if (subpath in exports) return pick(exports[subpath]);
  const patterns = Object.keys(exports).filter((key) => key.includes('*'));
  for (const pattern of patterns.sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)) {
    const [before = '', after = ''] = pattern.split('*');
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < pattern.length) continue;
    return pick(exports[pattern])?.replaceAll('*', subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

/** The first target whose condition holds. */
function pick(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(pick).find((found) => found !== undefined);
  if (!isObject(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!CONDITIONS.includes(condition)) continue;
    const found = pick(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
