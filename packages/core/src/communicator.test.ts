import { describe, expect, it } from 'vitest';
import { singleProcess } from './communicator.js';

describe('singleProcess', () => {
  it('is rank 0 of 1', () => {
    expect([singleProcess.rank, singleProcess.size]).toEqual([0, 1]);
  });

  it('reduces and broadcasts to the same array', async () => {
    const data = Float32Array.of(1, 2);
    expect(await singleProcess.allReduce(data, 'mean')).toBe(data);
    expect(await singleProcess.broadcast(data)).toBe(data);
    expect([...data]).toEqual([1, 2]);
    await singleProcess.barrier();
  });

  it('gathers a copy, so that the caller owns it', async () => {
    const data = Int32Array.of(5);
    const [gathered] = await singleProcess.allGather(data);
    data[0] = 6;
    expect(gathered).toEqual(Int32Array.of(5));
  });
});
