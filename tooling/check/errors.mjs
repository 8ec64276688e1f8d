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

function textOfTests(path) {
  if (!existsSync(join(path, 'src'))) return '';
  const files = readdirSync(join(path, 'src'), { recursive: true }).filter((name) => name.endsWith('.test.ts'));
  return files.map((name) => readFileSync(join(path, 'src', name), 'utf8')).join('\n');
}

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
  const tests = workspacePackages()
    .map(({ path }) => textOfTests(path))
    .join('\n');
  return [
    ...tableProblems(packages, tests),
    ...compareGenerated(join(root, 'docs/errors.md'), errorsPage(packages), update),
  ];
}
