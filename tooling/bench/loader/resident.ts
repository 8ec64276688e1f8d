/** Loads two epochs with as many workers as the first argument says, and prints the process's highest resident memory in megabytes. */
import { loaderContender } from './contender.js';
import { BenchPictures } from './parts.js';

const [numWorkers, length, batchSize] = process.argv.slice(2).map(Number) as [number, number, number];
const loader = await loaderContender(
  { dataset: { type: BenchPictures, length }, batchSize, shuffle: true, numWorkers },
  1,
);
await loader.round();
await loader.close?.();
console.log(process.resourceUsage().maxRSS / 1000);
