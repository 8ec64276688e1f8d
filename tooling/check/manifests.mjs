// One shape for every package: manifest, README and tsconfig references that follow from the manifest. `--update` rewrites the references.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeJson } from './harness/generated.mjs';
import { readText, workspacePackages } from './harness/packages.mjs';

const SOURCE = '@engine/source';

/** The `exports` that a consumer gets: without the condition that leads to sources. */
export const publishedExports = (exports) =>
  Object.fromEntries(Object.entries(exports).map(([key, { types, default: code }]) => [key, { types, default: code }]));

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export function manifestProblems(manifest) {
  const problems = [];
  const demand = (holds, problem) => holds || problems.push(problem);
  demand(manifest.license === 'Apache-2.0', 'license is not Apache-2.0');
  demand(manifest.type === 'module', 'type is not module');
  if (manifest.private === true) return problems;
  demand(typeof manifest.description === 'string' && manifest.description !== '', 'has no description');
  demand(manifest.engines?.node === '>=20.19', 'engines.node is not >=20.19');
  demand(manifest.files?.includes('dist'), 'files lacks dist');
  demand(manifest.sideEffects !== undefined, 'does not say sideEffects');
  demand(manifest.publishConfig?.access === 'public', 'publishConfig.access is not public');
  for (const [key, target] of Object.entries(manifest.exports ?? {})) {
    demand(
      same(Object.keys(target), [SOURCE, 'types', 'default']),
      `exports["${key}"] is not ${SOURCE}, types, default in this order`,
    );
  }
  demand(
    same(manifest.publishConfig?.exports, publishedExports(manifest.exports ?? {})),
    `publishConfig.exports is not exports without ${SOURCE}`,
  );
  const core = '@tensorflow/tfjs-core';
  demand(
    manifest.name === '@engine/cli' || manifest.dependencies?.[core] === undefined,
    `${core} is a peer, not a dependency`,
  );
  demand(
    manifest.peerDependencies?.[core] === undefined || manifest.devDependencies?.[core] !== undefined,
    `${core} is a peer, so the tests need it in devDependencies`,
  );
  return problems;
}

/** Paths of the tsconfig references that follow from a manifest, sorted. */
export function referencesOf(member, members) {
  const names = new Set([
    ...Object.keys(member.manifest.dependencies ?? {}),
    ...Object.keys(member.manifest.devDependencies ?? {}),
  ]);
  const paths = members
    .filter(({ name, path }) => names.has(name) && existsSync(join(path, 'tsconfig.json')))
    .map(({ path }) => relative(member.path, path).replaceAll('\\', '/'));
  return paths.sort().map((path) => ({ path }));
}

async function referenceProblems(file, expected, update) {
  const config = JSON.parse(readText(file) ?? '{}');
  const actual = [...(config.references ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (same(actual, expected)) return [];
  if (!update)
    return [
      `${file}: references are not the workspace dependencies of package.json: run \`npm run check -- manifests --update\``,
    ];
  await writeJson(file, { ...config, references: expected });
  return [];
}

export async function check({ root, update }) {
  const members = workspacePackages();
  const problems = [];
  for (const member of members) {
    problems.push(...manifestProblems(member.manifest).map((problem) => `${member.folder}/package.json ${problem}`));
    if (!member.manifest.private && !existsSync(join(member.path, 'README.md')))
      problems.push(`${member.folder} has no README.md`);
    const file = join(member.path, 'tsconfig.json');
    if (existsSync(file)) problems.push(...(await referenceProblems(file, referencesOf(member, members), update)));
    else problems.push(`${member.folder} has no tsconfig.json`);
  }
  const all = members.map(({ folder }) => ({ path: folder })).sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...problems, ...(await referenceProblems(join(root, 'tsconfig.json'), all, update))];
}
