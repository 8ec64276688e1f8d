import { walk } from '@engine/fileio/web';
import type { RunContext } from './run-context.js';

/** Which files of a run's folder go where. */
export interface UploadPlan {
  /** Path or URI of a folder. */
  readonly to: string;
  /** Endings of the files that go. */
  readonly suffixes: readonly string[];
  /** False removes what has gone, when all has. */
  readonly keepLocal: boolean;
}

/** Copies the files of the run's folder that end so, hidden ones left out. Log lines that are still on their way are waited for. */
export async function uploadLogs(ctx: RunContext, { to, suffixes, keepLocal }: UploadPlan): Promise<void> {
  const { storage, logDir, logger } = ctx;
  await logger.flush?.();
  const gone: string[] = [];
  for await (const { path, type } of walk(storage, logDir, true)) {
    if (type === 'folder' || !suffixes.some((suffix) => path.endsWith(suffix))) continue;
    const [source, target] = [logDir, to].map((folder) => storage.join(folder, ...path.split('/'))) as [string, string];
    await storage.put(target, await storage.get(source));
    logger.info(`The file ${source} has been uploaded to ${target}.`);
    gone.push(source);
  }
  if (keepLocal) return;
  logger.info(`${gone.length} files are removed from ${logDir}, because keepLocal is false.`);
  await logger.flush?.();
  for (const source of gone) await storage.remove(source);
}
