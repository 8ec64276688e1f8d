// The JavaScript of every package: one entry for each line of its `exports` (and of its `bin`), types come from `tsc -b`.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

const SOURCE = '@engine/source';

/** Entry name to source file, read from the package's own `exports`. */
export function entriesOf(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const sources = Object.values(manifest.exports ?? {}).flatMap((target) => target?.[SOURCE] ?? []);
  if (manifest.bin) sources.push('./src/main.ts');
  return Object.fromEntries(sources.map((source) => [source.replace(/^\.\/src\//, '').replace(/\.ts$/, ''), source]));
}

/** Shared and dynamically imported chunks carry a hash in their name: without this, those of earlier builds would be published too. */
function removeOldJavaScript(directory) {
  for (const name of readdirSync(directory, { recursive: true })) {
    if (/-[A-Z0-9]{8}\.js(\.map)?$/.test(name)) rmSync(join(directory, name), { force: true });
  }
}

export const packageConfig = (overrides = {}) =>
  defineConfig(() => {
    const directory = process.cwd();
    try {
      removeOldJavaScript(join(directory, 'dist'));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    return {
      entry: entriesOf(directory),
      format: 'esm',
      target: 'node20',
      platform: 'neutral',
      external: [/^node:/],
      skipNodeModulesBundle: true,
      splitting: true,
      sourcemap: true,
      clean: false,
      dts: false,
      silent: true,
      keepNames: true, // a class that mentions itself in a static field is renamed otherwise
      ...overrides,
    };
  });

export default packageConfig();
