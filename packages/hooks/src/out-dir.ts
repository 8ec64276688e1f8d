import type { RunContext } from './run-context.js';

/**
 * Where a hook with an `outDir` puts its files: below it, in a folder with the name of the work dir, so that runs do not meet there.
 * The work dir itself without an `outDir`, or when that is the work dir.
 */
export function folderBelow(
  outDir: string | undefined,
  { storage, workDir }: Pick<RunContext, 'storage' | 'workDir'>,
): string {
  if (outDir === undefined || storage.resolve(outDir) === storage.resolve(workDir)) return workDir;
  return storage.join(outDir, /([^/\\]*)[/\\]*$/.exec(workDir)?.[1] ?? '');
}
