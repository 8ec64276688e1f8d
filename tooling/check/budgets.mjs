// Ceilings for every published package, in tooling/budgets.json: own minified code, what a cold import loads,
// third-party packages that come along, source lines. `--update` writes ceilings for new packages; raising one is done
// by hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { writeJson } from './harness/generated.mjs';
import { publishedPackages } from './harness/packages.mjs';

export const needsBuild = true;

async function kilobytes(path) {
  const { build } = await import('esbuild');
  const entryPoints = ['dist/index.js', 'dist/main.js']
    .map((file) => join(path, file))
    .filter((file) => existsSync(file));
  if (entryPoints.length === 0) return 0;
  const result = await build({
    entryPoints,
    splitting: true,
    outdir: 'unused',
    bundle: true,
    minify: true,
    packages: 'external',
    platform: 'neutral',
    external: ['node:*'],
    format: 'esm',
    write: false,
    ignoreAnnotations: true,
    logLevel: 'silent',
  });
  return Math.ceil(result.outputFiles.reduce((bytes, file) => bytes + file.contents.length, 0) / 1024);
}

/**
 * What a cold import of the package reads and compiles: every module that its main entry imports statically, third-party
 * ones too. It decides the time of the import, and unlike the time it is the same on every machine.
 */
async function importKilobytes(path) {
  const entry = join(path, 'dist/index.js');
  if (!existsSync(entry)) return 0;
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['*.node'],
    write: false,
    metafile: true,
    logLevel: 'silent',
    absWorkingDir: path,
  });
  return Math.ceil(staticBytes(metafile.inputs, 'dist/index.js') / 1024);
}

function staticBytes(inputs, entry) {
  const seen = new Set([entry]);
  for (const name of seen) {
    for (const { path, kind, external } of inputs[name].imports) {
      if (!external && kind !== 'dynamic-import' && inputs[path] !== undefined) seen.add(path);
    }
  }
  return [...seen].reduce((bytes, name) => bytes + inputs[name].bytes, 0);
}

/** Names of all third-party packages that installing this one brings, peers left out. */
function thirdParty(path, seen = new Map()) {
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (seen.has(name)) continue;
    const folder = folderOf(name, path);
    seen.set(name, folder);
    if (folder !== undefined) thirdParty(folder, seen);
  }
  return [...seen.keys()].filter((name) => !name.startsWith('@engine/'));
}

function folderOf(name, from) {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
}

const isSource = (name) => name.endsWith('.ts') && !/\.(test|test-d)\.ts$/.test(name) && dirname(name) !== 'generated';

function sourceLines(path) {
  const files = readdirSync(join(path, 'src'), { recursive: true }).filter(isSource);
  return files.reduce((lines, name) => lines + readFileSync(join(path, 'src', name), 'utf8').split('\n').length - 1, 0);
}

const measure = async (path) => ({
  kilobytes: await kilobytes(path),
  importKilobytes: await importKilobytes(path),
  thirdParty: thirdParty(path).length,
  sourceLines: sourceLines(path),
});

/** Room to grow: a new ceiling is a third above what is measured. */
export const ceiling = ({ kilobytes: size, importKilobytes: loaded, thirdParty: count, sourceLines: lines }) => ({
  kilobytes: Math.ceil((size * 4) / 3) + 2,
  importKilobytes: Math.ceil((loaded * 4) / 3) + 2,
  thirdParty: count,
  sourceLines: Math.ceil((lines * 4) / 3 / 50) * 50,
});

export const overruns = (name, measured, limits) =>
  Object.entries(limits)
    .filter(([what, limit]) => !(measured[what] <= limit))
    .map(([what, limit]) => `${name}: ${what} is ${measured[what]}, its budget is ${limit}`);

export async function check({ root, update }) {
  const file = join(root, 'tooling/budgets.json');
  const budgets = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const problems = [];
  const names = [];
  for (const { path } of publishedPackages()) {
    const name = basename(path);
    names.push(name);
    const measured = await measure(path);
    if (budgets[name] === undefined && update) budgets[name] = ceiling(measured);
    if (budgets[name] === undefined) problems.push(`${name} has no budget: run \`npm run check -- budgets --update\``);
    else problems.push(...overruns(name, measured, budgets[name]));
  }
  problems.push(
    ...Object.keys(budgets)
      .filter((name) => !names.includes(name))
      .map((name) => `${name} has a budget but does not exist`),
  );
  if (update) await writeJson(file, Object.fromEntries(Object.entries(budgets).sort(([a], [b]) => (a < b ? -1 : 1))));
  return problems;
}
