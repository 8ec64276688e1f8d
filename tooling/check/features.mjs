// features.json of every package: reference name -> ours -> test. FEATURES.md at the root is generated from all of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareGenerated } from './harness/generated.mjs';
import { publishedPackages, readText } from './harness/packages.mjs';

const cell = (text) => String(text).replaceAll('|', '\\|');

/** `packages`: `{ name, rows }`. */
export function featuresPage(packages) {
  const rows = packages.flatMap((member) => member.rows).filter(({ ours }) => ours !== null);
  const tested = rows.filter(({ test }) => test !== null).length;
  const sections = packages.map(({ name, rows: own }) => {
    const lines = own.map(
      ({ reference, ours, test, note }) =>
        `| ${cell(reference)} | ${ours === null ? 'not yet' : `\`${cell(ours)}\``} | ${test === null ? '' : `[test](${test})`} | ${cell(note ?? '')} |`,
    );
    return [
      `## ${name}`,
      '',
      '| reference | here | held against it by | note |',
      '| --- | --- | --- | --- |',
      ...lines,
      '',
    ].join('\n');
  });
  return [
    '# Features',
    '',
    `What of the reference (MMEngine, PyTorch) exists here: ${rows.length} features, ${tested} with a test. Generated from the packages' \`features.json\` by \`npm run docs\`.`,
    '',
    ...sections,
  ].join('\n');
}

const KEYS = ['reference', 'ours', 'test', 'note'];

/** What is wrong with one row; `exists` tells whether a path from the root does, `sources` is the package's text. `ours: null` is what we lack. */
export function rowProblems(row, exists, sources) {
  const found = Object.keys(row)
    .filter((key) => !KEYS.includes(key))
    .map((key) => `unknown key ${key}`);
  const isText = (value) => typeof value === 'string' && value !== '';
  if (!isText(row.reference)) found.push('reference is not a text');
  if (row.ours !== null && !isText(row.ours)) found.push('ours is neither a text nor null');
  if (row.test !== null && !(isText(row.test) && exists(row.test))) {
    found.push(`test ${row.test} does not exist (a path from the root of the repository, or null)`);
  }
  const isCode = row.ours !== null && !/[{}'"]/.test(row.ours);
  const names = !isCode ? [] : (String(row.ours).match(/[A-Za-z_]\w*/g) ?? []);
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources));
  return [...found, ...missing.map((name) => `${name} is nowhere in the package's sources`)].map(
    (problem) => `${row.reference}: ${problem}`,
  );
}

function sourcesOf(path) {
  const files = readdirSync(join(path, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(path, 'src', name), 'utf8')).join('\n');
}

export function check({ root, update }) {
  const problems = [];
  const packages = [];
  for (const { name, path } of publishedPackages().filter(({ folder }) => folder.startsWith('packages/'))) {
    const text = readText(join(path, 'features.json'));
    if (text === undefined) {
      problems.push(`${name} has no features.json`);
      continue;
    }
    const rows = JSON.parse(text);
    const sources = sourcesOf(path);
    problems.push(
      ...rows
        .flatMap((row) => rowProblems(row, (file) => existsSync(join(root, file)), sources))
        .map((problem) => `packages/${basename(path)}/features.json: ${problem}`),
    );
    if (rows.length > 0) packages.push({ name, rows });
  }
  return [...problems, ...compareGenerated(join(root, 'FEATURES.md'), featuresPage(packages), update)];
}
