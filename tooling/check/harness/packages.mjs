import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFolders } from '../../lib/install.mjs';
import { capture, root } from '../../lib/processes.mjs';

/** Every workspace package: `{ name, folder, path, manifest }`, folder relative to the root. */
export const workspacePackages = () =>
  workspaceFolders().map((folder) => {
    const path = join(root, folder);
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return { name: manifest.name, folder, path, manifest };
  });

export const publishedPackages = () => workspacePackages().filter(({ manifest }) => manifest.private !== true);

export const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Packs one package as it would be published, into a folder of its own in `folder`; resolves with the tarball's path. */
export async function pack(path, folder) {
  const into = mkdtempSync(join(folder, 'package-'));
  const { code, output } = await capture('pnpm', ['pack', '--pack-destination', into], {
    cwd: path,
    shell: process.platform === 'win32',
  });
  if (code !== 0) throw new Error(`pnpm pack: ${output}`);
  const [tarball] = readdirSync(into).filter((name) => name.endsWith('.tgz'));
  return join(into, tarball);
}
