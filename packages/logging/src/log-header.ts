import type { LogState } from './contract.js';

/** `Epoch(train)  [2][10/25]  ` or `Iter(train) [ 11/500]  `: counters are right-aligned, so that columns do not move during a run. */
export function iterHeader(at: LogState, byEpoch: boolean): string {
  const batch = `[${alignedTo(at.batchIdx + 1, at.loaderLength)}/${at.loaderLength}]  `;
  if (!byEpoch) {
    return at.mode === 'train'
      ? `Iter(train) [${alignedTo(at.iter + 1, at.maxIters)}/${at.maxIters}]  `
      : `Iter(${at.mode}) ${batch}`;
  }
  if (at.mode === 'test') return `Epoch(test) ${batch}`;
  if (!at.trainBuilt) return `Epoch(${at.mode})[0]${batch}`;
  const epoch = `[${at.mode === 'train' ? at.epoch + 1 : at.epoch}]`;
  return `Epoch(${at.mode})${epoch.padStart(String(at.maxEpochs).length + 3)}${batch}`;
}

/** `Epoch(val) [1][157/157]  ` */
export function epochHeader(at: LogState, byEpoch: boolean): string {
  const done = `[${at.loaderLength}/${at.loaderLength}]  `;
  if (!byEpoch) return `Iter(${at.mode}) ${done}`;
  return at.mode === 'test' ? `Epoch(test) ${done}` : `Epoch(val) [${at.trainBuilt ? at.epoch : 0}]${done}`;
}

function alignedTo(count: number, total: number): string {
  return String(count).padStart(String(total).length);
}
