import { datasetErrors } from './errors.js';

/** @throws `ENGINE_DATASET_BAD_OPTION` unless both are integers and 0 <= rank < worldSize. */
export function checkRank(subject: string, rank: number, worldSize: number): void {
  if (Number.isInteger(rank) && Number.isInteger(worldSize) && rank >= 0 && rank < worldSize) return;
  throw datasetErrors.BAD_OPTION({
    subject,
    expected: 'integers 0 <= rank < worldSize',
    received: `rank = ${rank}, worldSize = ${worldSize}`,
    action: 'pass rank and size of the communicator',
  });
}
