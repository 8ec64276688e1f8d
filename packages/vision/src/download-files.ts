import { EngineError, type Logger } from '@engine/core';
import { visionErrors } from './errors.js';

/** A file that a dataset is published in. */
export interface PublishedFile {
  readonly name: string;
  readonly md5: string;
}

export interface DownloadPlan {
  readonly dataset: string;
  readonly files: readonly PublishedFile[];
  /** Folder of this machine. */
  readonly folder: string;
  /** Addresses that the names of the files are put behind. */
  readonly mirrors: readonly string[];
  readonly logger?: Logger | undefined;
}

/** Fetches files that are not there or not right, from the first mirror that has them. Node only. @throws `ENGINE_VISION_DOWNLOAD_FAILED` */
export async function downloadFiles({ dataset, files, folder, mirrors, logger }: DownloadPlan): Promise<void> {
  const [{ download, tellProgress }, { join }] = await Promise.all([import('@engine/fileio'), import('node:path')]);
  for (const { name, md5 } of files) {
    const failures: EngineError[] = [];
    for (const mirror of mirrors) {
      const url = `${mirror.replace(/\/$/, '')}/${name}`;
      try {
        await download(url, { to: join(folder, name), md5, onProgress: logger && tellProgress(url, logger) });
        break;
      } catch (error) {
        // What happens on this machine happens with every mirror.
        if (!(error instanceof EngineError) || !error.subject?.startsWith('http')) throw error;
        failures.push(error);
      }
    }
    if (failures.length === mirrors.length) throw downloadFailed(dataset, name, failures);
  }
}

/** Where downloaded datasets lie for this user. Node only. */
export async function datasetsFolder(): Promise<string> {
  const [{ cacheFolder }, { join }] = await Promise.all([import('@engine/fileio'), import('node:path')]);
  return join(cacheFolder(), 'datasets');
}

function downloadFailed(dataset: string, name: string, failures: readonly EngineError[]): Error {
  return visionErrors.DOWNLOAD_FAILED({
    subject: dataset,
    expected: `${name} at ${failures.length === 1 ? 'its address' : 'one of its addresses'}`,
    received: failures.map((error) => `${error.subject}: ${error.received}`).join('; '),
    action:
      'look at the network and try again, which goes on where it stopped; or give other mirrors, or put the file into root yourself',
    cause: failures.at(-1),
  });
}
