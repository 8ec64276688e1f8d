// Every error code: in a package's table <-> in docs/errors.md (generated) <-> raised by at least one test.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compareGenerated } from './harness/generated.mjs';
import { workspacePackages } from './harness/packages.mjs';

/** The rows that `defineErrors` made, wherever in the module they are exported. */
export const rowsOf = (module) =>
  Object.values(module)
    .flatMap((table) => (typeof table === 'object' && table !== null ? Object.values(table) : []))
    .filter((row) => typeof row === 'function' && typeof row.code === 'string' && typeof row.doc === 'string')
    .map(({ code, kind, doc }) => ({ code, kind, doc }));

/** `packages`: `{ name, rows }`. */
export function errorsPage(packages) {
  const sections = packages.map(({ name, rows }) => {
    const lines = rows.map(({ code, kind, doc }) => `| \`${code}\` | ${kind} | ${doc.replaceAll('|', '\\|')} |`);
    return [`## ${name}`, '', '| code | kind | raised when |', '| --- | --- | --- |', ...lines, ''].join('\n');
  });
  return [
    '# Errors',
    '',
    'Generated from the `src/errors.ts` of the packages by `npm run docs`. Every error is an `EngineError`: a stable `code`, then what was expected, what was received, and what to do.',
    "The command line ends with exit code 2 when the user's input was wrong (kinds type, key, value, file, dependency) and with 1 when the run failed (state, numeric, io).",
    '',
    ...sections,
  ].join('\n');
}

/** Codes that are in no test, codes that are in two tables. */
export function tableProblems(packages, testText) {
  const owners = new Map();
  const problems = [];
  for (const { name, rows } of packages) {
    for (const { code } of rows) {
      if (owners.has(code)) problems.push(`${code} is in the tables of ${owners.get(code)} and ${name}`);
      owners.set(code, name);
      if (!new RegExp(`\\b${code}\\b`).test(testText)) problems.push(`${code} (${name}): no test raises it`);
    }
  }
  return problems;
}

/** Codes that a text names although no table has them, and errors thrown without a code. `sources`: `{ file, text }`. */
export function sourceProblems(packages, sources) {
  const codes = new Set(packages.flatMap(({ rows }) => rows.map(({ code }) => code)));
  return sources.flatMap(({ file, text }) => {
    const named = [...new Set(text.match(/\bENGINE(?:_[A-Z0-9]+){2,}\b/g) ?? [])].filter((code) => !codes.has(code));
    const bare = /\bthrow new (?:Error|TypeError|RangeError)\(/.test(text);
    return [
      ...named.map((code) => `${file} names ${code}, which is in no table`),
      ...(bare ? [`${file} throws an error without a code`] : []),
    ];
  });
}

/** Files of `folder` and below, as `{ file, text }`, file relative to the root. */
function textsIn(root, folder, wanted) {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true }).filter((name) => wanted(name));
  return names.map((name) => ({ file: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
}

const isTest = (name) => /\.test(-d)?\.ts$/.test(name);
const isSource = (name) => name.endsWith('.ts') && !isTest(name);

export async function check({ root, update }) {
  const packages = [];
  for (const { name, path } of workspacePackages()) {
    const tables = ['src/errors-table.ts', 'src/errors.ts']
      .map((file) => join(path, file))
      .filter((file) => existsSync(file));
    const rows = [];
    for (const table of tables) rows.push(...rowsOf(await import(pathToFileURL(table).href)));
    if (rows.length > 0) packages.push({ name, rows });
  }
  if (packages.length === 0) return ['no package has an error table'];
  const folders = workspacePackages().map(({ folder }) => folder);
  const tests = folders.flatMap((folder) => textsIn(root, `${folder}/src`, (name) => name.endsWith('.test.ts')));
  const sources = folders.flatMap((folder) => textsIn(root, `${folder}/src`, isSource));
  const pages = textsIn(root, 'docs', (name) => name.endsWith('.md') && name !== 'errors.md');
  return [
    ...tableProblems(packages, tests.map(({ text }) => text).join('\n')),
    ...sourceProblems(packages, [...sources, ...pages]),
    ...compareGenerated(join(root, 'docs/errors.md'), errorsPage(packages), update),
  ];
}
