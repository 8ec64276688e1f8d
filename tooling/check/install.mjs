// What a user gets: every package packed, installed by npm into an empty project, imported by plain Node, and the quickstart trained;
// then again with a plugin that is named in a YAML and in a TypeScript config.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, root } from '../lib/processes.mjs';
import { pack, publishedPackages, readText, workspacePackages } from './harness/packages.mjs';

export const needsBuild = true;

/** The quickstart's dataset, but no more of it than two batches. */
const TWO_ITERATIONS = ['trainCfg.maxEpochs=1', 'trainDataloader.dataset.size=64'];

const shell = process.platform === 'win32';

export async function check() {
  const plugin = workspacePackages().find(({ name }) => name === 'engine-plugin-watch');
  const folder = mkdtempSync(join(tmpdir(), 'installed-'));
  try {
    const project = join(folder, 'project');
    for (const example of ['quickstart', 'with-plugin'])
      cpSync(join(root, 'apps/examples', example), join(project, example), { recursive: true });
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true }));
    const tarballs = await Promise.all([...publishedPackages(), plugin].map(({ path }) => pack(path, folder)));
    const steps = [
      ['npm', ['install', '--no-audit', '--no-fund', ...tarballs, ...peers()]],
      ...publishedPackages().map(({ name }) => ['node', ['--input-type=module', '-e', `await import('${name}')`]]),
      ['npx', ['engine', 'train', 'quickstart/config.ts', '--cfg-options', 'trainCfg.maxEpochs=2']],
      ['npx', ['engine', 'registry', '--import', plugin.name, 'hook', 'LossSpikeHook']],
      ...['yaml', 'ts'].map((format) => [
        'npx',
        ['engine', 'train', `with-plugin/config.${format}`, '--cfg-options', ...TWO_ITERATIONS],
        'balanced/accuracy: ', // what the plugin's metric gives
      ]),
    ];
    for (const [command, args, shows = ''] of steps) {
      const { code, output } = await capture(command, args, { cwd: project, shell, env: plainEnvironment() });
      const step = `${command} ${args.slice(0, 3).join(' ')} …`;
      if (code !== 0) return [`${step} ended with ${code}: ${output.slice(-2000)}`];
      if (!output.includes(shows)) return [`${step} did not show ${shows}: ${output.slice(-2000)}`];
    }
    return [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the READMEs tell people to install beside us, in the versions that we use. */
function peers() {
  const { dependencies, devDependencies } = workspacePackages().find(
    ({ folder }) => folder === 'apps/examples',
  ).manifest;
  return ['@tensorflow/tfjs-core', 'zod'].map(
    (name) => `${name}@${published({ ...devDependencies, ...dependencies }[name], name)}`,
  );
}

/** Examples take their versions from the catalog; a user would write the range that stands there. */
function published(version, name) {
  if (version !== 'catalog:') return version;
  const catalog = readText(join(root, 'pnpm-workspace.yaml')) ?? '';
  return new RegExp(`^ +'?${name}'?: (.+)$`, 'm').exec(catalog)?.[1];
}

/** Without what pnpm and npm tell their children, which would turn this into a part of the workspace. */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|NODE_OPTIONS)/i.test(name)));
}
