// The layers of docs/architecture.md as rules for dependency-cruiser.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** From the bottom up; a package may import what stands in an earlier line, and types of what stands in its own. */
const ROWS = [
  ['core'],
  ['logging'],
  ['fileio'],
  ['registry'],
  ['config'],
  ['model', 'optim', 'scheduler', 'dataset', 'evaluator', 'visualization', 'dist'],
  ['hooks'],
  ['runner'],
  ['vision', 'infer', 'analysis', 'mmcompat'],
  ['standard'],
];

/** These run in a browser as well. `config` reads files only in `src/node`. */
const ANYWHERE = [
  'core',
  'registry',
  'config',
  'model',
  'optim',
  'scheduler',
  'evaluator',
  'hooks',
  'runner',
  'logging',
];

const TESTS = '\\.(test|test-d|bench)\\.ts$';
const sources = (names) => ({ path: `^packages/(${names.join('|')})/src/`, pathNot: [TESTS] });
const target = (names) => `^packages/(${names.join('|')})/`;

function rowRules() {
  return ROWS.flatMap((row, index) => {
    const above = ROWS.slice(index + 1).flat();
    const comment = `${row.join(', ')} may import rows below their own only`;
    const upward =
      above.length === 0
        ? []
        : [
            {
              name: `no-upward-from-${row[0]}`,
              comment,
              severity: 'error',
              from: sources(row),
              to: { path: target(above) },
            },
          ];
    const sideways = row.map((name) => ({
      name: `types-only-beside-${name}`,
      comment: 'within a row only `import type`',
      severity: 'error',
      from: sources([name]),
      to: { path: target(row), pathNot: [target([name])], dependencyTypesNot: ['type-only'] },
    }));
    return [...upward, ...(row.length > 1 ? sideways : [])];
  });
}

export const rules = [
  ...rowRules(),
  {
    name: 'backends-stand-on-core',
    comment: 'a backend imports core and nothing else of ours',
    severity: 'error',
    from: { path: '^packages/(backend-[^/]+|compile|native)/src/', pathNot: [TESTS] },
    to: { path: '^packages/', pathNot: ['^packages/(core|compile|native)/', '^packages/(backend-[^/]+)/'] },
  },
  {
    name: 'backends-are-chosen-by-the-user',
    comment: 'only standard (wasm), apps and tooling import a backend',
    severity: 'error',
    from: { path: '^packages/([^/]+)/src/', pathNot: [TESTS, '^packages/standard/'] },
    to: { path: '^packages/backend-', pathNot: ['^packages/$1/'] },
  },
  {
    name: 'standard-has-wasm-only',
    severity: 'error',
    from: sources(['standard']),
    to: { path: '^packages/backend-', pathNot: ['^packages/backend-wasm/'] },
  },
  {
    name: 'packages-do-not-import-apps-or-tooling',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/', pathNot: [TESTS] },
    to: { path: '^(apps|tooling)/' },
  },
  {
    name: 'packages-by-name',
    comment: 'another package is imported by its name, never by a path into it',
    severity: 'error',
    from: { path: '^(packages|apps)/([^/]+)/' },
    to: { path: '^packages/[^/]+/', pathNot: ['^$1/$2/'], dependencyTypes: ['local'] },
  },
  {
    name: 'runs-anywhere',
    comment: 'no node:* here: go through Platform, StorageBackend, a sink or src/node',
    severity: 'error',
    from: { path: `^packages/(${ANYWHERE.join('|')})/src/`, pathNot: [TESTS, '^packages/config/src/node/'] },
    to: { dependencyTypes: ['core'] },
  },
];

/** Every `packages/NAME/src` under a root, as dependency-cruiser names it. */
const packageSources = (root) =>
  readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}/src`)
    .filter((folder) => existsSync(join(root, folder)));

/** The violations under `root`, one line each. A source folder that was not looked into is one: a silent check is no check. */
export async function layerProblems(root) {
  const { cruise } = await import('dependency-cruiser');
  const folders = packageSources(root);
  const { output } = await cruise(
    [...folders, ...['apps'].filter((folder) => existsSync(join(root, folder)))],
    {
      baseDir: root,
      ruleSet: { forbidden: rules },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: ['node_modules', '/dist/'] },
      exclude: { path: ['/dist/', '/node_modules/'] },
      combinedDependencies: true,
    },
    {
      conditionNames: ['@engine/source', 'import', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs'],
      extensionAlias: { '.js': ['.ts', '.js'] },
    },
  );
  const visited = output.modules.map(({ source }) => source);
  const problems = folders
    .filter((folder) => !visited.some((source) => source.startsWith(`${folder}/`)))
    .map((folder) => `${folder}: no module of it was visited`);
  if (folders.length === 0) problems.push(`${root}: no package found`);
  for (const { from, to, rule } of output.summary.violations) {
    const comment = rules.find(({ name }) => name === rule.name)?.comment;
    problems.push(`${rule.name}: ${from} -> ${to}${comment === undefined ? '' : ` (${comment})`}`);
  }
  const unresolved = output.modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(({ couldNotResolve }) => couldNotResolve)
      .map(({ module }) => `${source}: cannot resolve ${module}`),
  );
  return [...problems, ...unresolved];
}
