import { readFile } from 'node:fs/promises';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { Comparison } from './samplers/comparison.js';
import { checkInit, type InitCase } from './samplers/init.js';
import { checkLayers, type LayersCase } from './samplers/layers.js';
import { samplerSections } from './samplers/orders.js';
import { streamSections } from './samplers/streams.js';

/** Replays one element of a section; what it finds goes into the comparison. */
type Replay = (golden: never, compare: Comparison) => void | Promise<void>;

const sections: Readonly<Record<string, Replay>> = {
  ...streamSections,
  ...samplerSections,
  init: (golden: InitCase, compare) => checkInit(golden, compare),
  layers: (golden: LayersCase, compare) => checkLayers(golden, compare),
};

/** PyTorch's random stream and everything that is drawn from it: values, masks, initial weights, orders of samples, seeds. */
export const area: ParityArea = {
  name: 'samplers',
  tolerance: 'integers exact; normals absolute 2e-6 std, uniforms 1 ulp, orthogonal matrices 2e-5',
  async *replay(file) {
    const data = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>;
    for (const [section, replay] of Object.entries(sections)) {
      const elements = data[section];
      if (!Array.isArray(elements)) continue;
      for (const golden of elements as { readonly id: string }[]) yield await replayOne(golden, replay);
    }
  },
};

async function replayOne(golden: { readonly id: string }, replay: Replay): Promise<ReplayResult> {
  const compare = new Comparison();
  try {
    await replay(golden as never, compare);
  } catch (error) {
    compare.fault ??= String(error instanceof Error ? `${error.name}: ${error.message}` : error).replaceAll('\n', ' ');
  }
  const { fault, maxError } = compare;
  return { id: golden.id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
}
