import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { InstanceData } from '../structures/instance-data.js';
import { packBatch, unpackBatch } from './pack.js';

/** As another thread gets it; what is transferred is gone here. */
const sent = (batch: unknown, memory: ReadonlySet<ArrayBufferLike>): unknown => {
  const packed = packBatch(batch, memory);
  return unpackBatch(structuredClone(packed.batch, { transfer: [...packed.transfer] }));
};

describe('a batch between threads', () => {
  it('takes along the memory that was made for it', () => {
    const mine = Float32Array.of(1, 2, 3, 4);
    const batch = { inputs: hostArray('float32', [4], mine), parts: [mine.subarray(1, 2)] };
    const arrived = sent(batch, new Set([mine.buffer])) as typeof batch;
    expect(mine.length).toBe(0);
    expect([...arrived.inputs.data]).toEqual([1, 2, 3, 4]);
    expect(arrived.parts[0]?.buffer).toBe(arrived.inputs.data.buffer);
  });

  it('leaves other memory as it is: a view of a whole dataset takes none of it', () => {
    const all = Uint8Array.from({ length: 1000 }, (_, i) => i);
    const batch = {
      inputs: [all.subarray(5, 7), all.subarray(20, 21)],
      text: Buffer.from('ab'),
      view: new DataView(all.buffer, 3, 2),
    };
    const arrived = sent(batch, new Set()) as { inputs: Uint8Array[]; text: Uint8Array; view: DataView };
    expect(all.length).toBe(1000);
    expect(arrived.inputs.map((view) => [...view])).toEqual([[5, 6], [20]]);
    expect(arrived.inputs[0]?.buffer.byteLength).toBe(32);
    expect([arrived.text.constructor, [...arrived.text]]).toEqual([Uint8Array, [97, 98]]);
    expect(arrived.view.getUint8(1)).toBe(4);
  });

  it('stays in shared memory where it is there', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    const arrived = sent({ inputs: shared }, new Set()) as { inputs: Uint8Array };
    shared[3] = 9;
    expect(arrived.inputs[3]).toBe(9);
  });

  it('keeps collections and data elements', () => {
    const batch = {
      map: new Map([['a', new Set([Int32Array.of(1)])]]),
      when: new Date(5),
      boxes: InstanceData.of({ boxes: hostArray('float32', [1, 4], new Float32Array(4)) }, { id: 3 }),
    };
    const arrived = sent(batch, new Set()) as typeof batch;
    expect(arrived.map).toEqual(batch.map);
    expect(arrived.when).toEqual(batch.when);
    expect(arrived.boxes).toBeInstanceOf(InstanceData);
    expect(arrived.boxes.metainfo).toEqual({ id: 3 });
  });

  it('holds nothing of other classes', () => {
    expect(() => packBatch({ inputs: new URL('x:y') }, new Set())).toThrow(/ENGINE_DATASET_COLLATE_TYPE/);
  });
});
