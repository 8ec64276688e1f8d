// Ceilings for every published package, in tooling/budgets.json: own minified code, time of a cold import, third-party
// packages that come along, source lines. `--update` writes ceilings for new packages; raising one is done by hand.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeJson } from './harness/generated.mjs';
import { publishedPackages } from './harness/packages.mjs';

export const needsBuild = true;

const ROUNDS = 3;

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

/** Processor time of the best of a few cold starts, so that what else the machine does counts little; Node's own start is left out. */
function importMilliseconds(path) {
  const entry = join(path, 'dist/index.js');
  if (!existsSync(entry)) return 0;
  const script = `
    const from = process.cpuUsage();
    await import(${JSON.stringify(pathToFileURL(entry).href)});
    const { user, system } = process.cpuUsage(from);
    process.stdout.write(String((user + system) / 1000));
    process.exit(0);
  `;
  const once = () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    );
  return Math.ceil(Math.min(...Array.from({ length: ROUNDS }, once)));
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
  importMilliseconds: importMilliseconds(path),
  thirdParty: thirdParty(path).length,
  sourceLines: sourceLines(path),
});

/** Room to grow: a new ceiling is a third above what is measured; a cold import may be slower on another machine. */
export const ceiling = ({ kilobytes: size, importMilliseconds: time, thirdParty: count, sourceLines: lines }) => ({
  kilobytes: Math.ceil((size * 4) / 3) + 2,
  importMilliseconds: Math.ceil((time * 5) / 2 / 50) * 50,
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
