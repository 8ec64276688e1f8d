/** Services of a run that the user brings: any object with the methods, built from nothing of ours. */
import { cpu } from '@engine/backend-cpu';
import type { LogLine, LogProcessorLike, LogSource, LogState } from '@engine/logging';
import type { ScalarRow, VisualizerLike } from '@engine/visualization';
import { expect, it } from 'vitest';
import { makeBoringRun } from './testing/index.js';

class Terse implements LogProcessorLike {
  async getLogAfterIter(hub: LogSource, { iter, mode }: LogState): Promise<LogLine> {
    await hub.flush();
    const loss = hub.scalars.get('train/loss')?.current() ?? Number.NaN;
    return { tag: { loss, step: iter + 1 }, text: `mine ${mode} ${iter + 1}` };
  }
  async getLogAfterEpoch(hub: LogSource): Promise<LogLine> {
    return { tag: {}, text: `mine scored ${[...hub.scalars.keys()].filter((key) => key.startsWith('val/')).length}` };
  }
}

class Rows implements VisualizerLike {
  datasetMeta: VisualizerLike['datasetMeta'];
  readonly rows: ScalarRow[] = [];
  isClosed = false;
  async addConfig(): Promise<void> {}
  async addScalar(name: string, value: number): Promise<void> {
    this.rows.push({ [name]: value });
  }
  async addScalars(row: ScalarRow): Promise<void> {
    this.rows.push(row);
  }
  async addImage(): Promise<void> {}
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

it('uses a log processor and a visualizer of your own', async () => {
  const visualizer = new Rows();
  const { runner, model, lines } = makeBoringRun(cpu(), {
    logProcessor: new Terse(),
    visualizer,
    defaultHooks: { logger: { interval: 2 } },
  });
  await runner.train();
  const mine = lines.filter((line) => line.startsWith('INFO mine'));
  expect(mine.slice(0, 3)).toEqual(['INFO mine train 2', 'INFO mine train 4', 'INFO mine val 4']);
  expect(mine.at(-1)).toMatch(/^INFO mine scored [1-9]/);
  expect(visualizer.rows.filter((row) => 'loss' in row).map((row) => row.step)).toEqual([2, 4, 6, 8, 10, 12]);
  expect(visualizer.isClosed).toBe(true);
  await runner.dispose();
  model.dispose();
});
