import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFolders } from '../../lib/install.mjs';
import { root } from '../../lib/processes.mjs';

/** Every workspace package: `{ name, folder, path, manifest }`, folder relative to the root. */
export const workspacePackages = () =>
  workspaceFolders().map((folder) => {
    const path = join(root, folder);
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return { name: manifest.name, folder, path, manifest };
  });

export const publishedPackages = () => workspacePackages().filter(({ manifest }) => manifest.private !== true);

export const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
