import type { Logger } from '@engine/core/plain';
import type { Progress } from './contract.js';

const MEGABYTE = 1e6;

/** Tells a logger of a transfer: when it begins and, where it is long, at each tenth of it (each 100 MB where the size is not known). */
export function tellProgress(path: string, logger: Logger): (progress: Progress) => void {
  let told: number | undefined;
  return ({ received, total }) => {
    if (told === undefined) {
      told = received;
      const size = total === undefined ? '' : ` (${inMegabytes(total)} MB)`;
      logger.info(`Downloading ${path}${size}${received > 0 ? `, going on at ${inMegabytes(received)} MB` : ''}`);
      return;
    }
    const step = total === undefined ? 100 * MEGABYTE : Math.max(total / 10, 10 * MEGABYTE);
    if (received < told) told = received; // begun again
    if (received < told + step) return;
    told = received;
    const share = total === undefined ? '' : ` of ${inMegabytes(total)} MB, ${Math.floor((100 * received) / total)} %`;
    logger.info(`Downloaded ${inMegabytes(received)}${share === '' ? ' MB' : share}`);
  };
}

function inMegabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
