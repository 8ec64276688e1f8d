import { DataLoader } from '@engine/dataset';
import { Registry } from '@engine/registry';
import type { Contender } from '../harness/bench.js';

/** A data loader of a config: milliseconds for a batch, over `epochs` epochs a round. Warm. */
export async function loaderContender(
  config: { readonly numWorkers: number; readonly [key: string]: unknown },
  epochs: number,
): Promise<Contender> {
  const loader = new Registry().build('dataLoader', { type: DataLoader, ...config } as never, { args: { seed: 0 } });
  await loader.init();
  let epoch = 0;
  let cpu = 0;
  const round = async (): Promise<number> => {
    const [started, before] = [performance.now(), process.cpuUsage()];
    let count = 0;
    for (let time = 0; time < epochs; time++) {
      loader.setEpoch(epoch++);
      for await (const _ of loader.batches()) count += 1;
    }
    const { user, system } = process.cpuUsage(before); // of all threads
    cpu = (user + system) / 1000 / count;
    return (performance.now() - started) / count;
  };
  await round();
  return {
    name: `@engine/dataset, ${config.numWorkers} workers (Node ${process.versions.node})`,
    round,
    cpu: () => cpu,
    close: () => loader.close(),
  };
}
