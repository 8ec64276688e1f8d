// Installs when the lockfile or a manifest is not the one that node_modules was installed from.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned, pnpmEnvironment } from './pnpm.mjs';
import { capture, root } from './processes.mjs';

const stampFile = join(root, 'node_modules/.engine/install.json');

/** The folders of all workspace packages, relative to the root. */
export function workspaceFolders() {
  const inside = (parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`)
      .sort();
  return [...inside('packages'), ...inside('apps'), ...inside('apps/examples'), 'tooling'].filter((folder) => {
    return readdirSync(join(root, folder)).includes('package.json');
  });
}

function lockHash() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  files.push(...workspaceFolders().map((folder) => `${folder}/package.json`));
  const hash = createHash('sha256').update(`${pinned} ${process.platform} ${process.arch}`);
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** Brings node_modules up to date with the lockfile; says nothing and costs a few milliseconds when it is. */
export async function install() {
  const hash = lockHash();
  const stamp = readStamp();
  if (stamp.hash === hash) return;
  console.log('installing dependencies ...');
  const { env, folder } = await pnpmEnvironment(stamp.pnpm);
  const shell = process.platform === 'win32';
  const { code, output } = await capture('pnpm', ['install', '--frozen-lockfile'], { env, shell });
  if (code !== 0) {
    const hint = output.includes('OUTDATED_LOCKFILE')
      ? `\nA package.json changed: run \`npx -y pnpm@${pinned} install\` and commit pnpm-lock.yaml.`
      : '';
    throw Object.assign(new Error('install failed'), { summary: `${output}${hint}`, exitCode: code });
  }
  mkdirSync(join(stampFile, '..'), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ hash, pnpm: folder }));
}

/** The environment for tools that call pnpm themselves (turbo, publint, attw). */
export async function insidePnpm() {
  const { env } = await pnpmEnvironment(readStamp().pnpm);
  return env;
}
