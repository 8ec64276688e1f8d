// The pnpm that package.json pins: the one on PATH if it is that, else npx's.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture, environment, root } from './processes.mjs';

const shell = process.platform === 'win32';
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const pinned = packageManager.slice('pnpm@'.length).split('+')[0];

/** Finds the folder with the pinned pnpm's executable, downloading it if need be. */
async function findPnpm() {
  const quiet = { env: { ...environment, pnpm_config_pm_on_fail: 'ignore' }, shell };
  const onPath = await capture('pnpm', ['--version'], quiet).catch(() => undefined);
  if (onPath?.code === 0 && onPath.output.trim() === pinned) return '';
  const where = 'process.stdout.write(`\\nfound:${process.env.PATH}`)';
  const found = await capture('npx', ['-y', '-p', `pnpm@${pinned}`, '-c', `node -e '${where}'`], { shell });
  const path = found.output.split('\nfound:')[1] ?? '';
  const folder = path.split(delimiter).find((entry) => entry.includes('_npx') && existsSync(join(entry, 'pnpm')));
  if (found.code !== 0 || folder === undefined) {
    throw Object.assign(new Error('no pnpm'), {
      summary: `npx could not fetch pnpm@${pinned}; is the package registry reachable?\n${found.output}`,
    });
  }
  return folder;
}

/** An environment in which `pnpm` is the pinned one, and the folder that was put in front of PATH for it. */
export async function pnpmEnvironment(remembered) {
  const usable = remembered !== undefined && remembered !== '' && existsSync(join(remembered, 'pnpm'));
  const folder = usable ? remembered : await findPnpm();
  const path = folder === '' ? environment.PATH : `${folder}${delimiter}${environment.PATH}`;
  return { folder, env: { ...environment, PATH: path, npm_config_user_agent: `pnpm/${pinned}` } };
}
