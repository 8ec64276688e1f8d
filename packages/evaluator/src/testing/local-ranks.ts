import type { Communicator, NumericArray, ReduceOp } from '@engine/core';

const REDUCE: Readonly<Record<ReduceOp, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

/** Several ranks in one process, for tests: each collective resolves once all ranks have called it. */
export function localRanks(size: number): Communicator[] {
  let waiting: { rank: number; data: NumericArray; resolve: (all: NumericArray[]) => void }[] = [];
  const meet = (rank: number, data: NumericArray): Promise<NumericArray[]> =>
    new Promise((resolve) => {
      waiting.push({ rank, data: data.slice(), resolve });
      if (waiting.length < size) return;
      const everybody = waiting.sort((a, b) => a.rank - b.rank);
      waiting = [];
      for (const each of everybody) each.resolve(everybody.map(({ data: sent }) => sent.slice()));
    });
  return Array.from(
    { length: size },
    (_, rank): Communicator => ({
      rank,
      size,
      allGather: (data) => meet(rank, data) as Promise<(typeof data)[]>,
      allReduce: async (data, op = 'sum') => {
        const all = await meet(rank, data);
        for (let i = 0; i < data.length; i++) {
          const total = all.map((each) => each[i] as number).reduce(REDUCE[op]);
          data[i] = op === 'mean' ? total / size : total;
        }
        return data;
      },
      broadcast: async (data, root = 0) => {
        data.set((await meet(rank, data))[root] as NumericArray);
        return data;
      },
      barrier: async () => void (await meet(rank, new Uint8Array(0))),
    }),
  );
}
