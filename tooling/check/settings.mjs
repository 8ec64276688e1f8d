// Every registered entry has a row in the settings table of its package (`canonicalSettings` of `@engine/NAME/testing`),
// and no row is left of an entry that is gone. The packages' own tests build each row.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publishedPackages } from './harness/packages.mjs';

/** `exports`: a package's exports; entries are `{ kind, name, create }`, or a class that carries one as `static entry`. */
export const entriesOf = (exports) => {
  const entries = Object.values(exports).flatMap((value) => {
    const entry = typeof value === 'function' ? value.entry : value;
    const is = typeof entry === 'object' && entry !== null && typeof entry.create === 'function';
    return is && typeof entry.kind === 'string' && typeof entry.name === 'string'
      ? [`${entry.kind}/${entry.name}`]
      : [];
  });
  return [...new Set(entries)];
};

export function settingsProblems(name, entries, rows) {
  const missing = entries
    .filter((entry) => !rows.includes(entry))
    .map((entry) => `${name}: no canonical settings for ${entry}`);
  const gone = rows
    .filter((row) => !entries.includes(row))
    .map((row) => `${name}: canonical settings for ${row}, which the package does not export`);
  return [...missing, ...gone];
}

export async function check() {
  const problems = [];
  let entries = 0;
  for (const { name, path } of publishedPackages().filter(({ folder }) => folder.startsWith('packages/'))) {
    const load = (file) => (existsSync(join(path, file)) ? import(pathToFileURL(join(path, file)).href) : {});
    const found = name === '@engine/standard' ? [] : entriesOf(await load('src/index.ts'));
    const { canonicalSettings = {} } = await load('src/testing/index.ts');
    problems.push(...settingsProblems(name, found, Object.keys(canonicalSettings)));
    entries += found.length;
  }
  return entries === 0 ? ['no registered entry was found'] : problems;
}
