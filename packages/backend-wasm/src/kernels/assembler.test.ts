import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, getLocal, increment, op, setLocal, unsigned } from './assembler.js';
import { wasm } from './web-assembly.js';

describe('unsigned', () => {
  it('is the shortest base-128 form, lowest digits first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = unsigned(value);
        expect(bytes.reduceRight((sum, byte) => sum * 128 + (byte % 128), 0)).toBe(value);
        expect(bytes.slice(0, -1).every((byte) => byte >= 128)).toBe(true);
        expect(bytes.at(-1)).toBeLessThan(128);
        if (bytes.length > 1) expect(bytes.at(-1)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('assemble', () => {
  const nothing = { name: 'nothing', parameters: 2, locals: 1, body: [...getLocal(0), ...setLocal(2)] };

  it('makes modules that the platform accepts, with memory of its own or shared', () => {
    for (const shared of [false, true]) expect(wasm.validate(assemble([nothing], { shared }))).toBe(true);
  });

  it('makes one function for each, under its name', () => {
    const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (limits: object) => object } })
      .WebAssembly;
    const functions = [nothing, { ...nothing, name: 'more', parameters: 4, body: increment(1, 8) }];
    const module = new wasm.Module(assemble(functions, { shared: false }));
    const exports = new wasm.Instance(module, { env: { memory: new Memory({ initial: 0 }) } }).exports as object;
    expect(Object.entries(exports).map(([name, made]) => [name, (made as () => void).length])).toEqual([
      ['nothing', 2],
      ['more', 4],
    ]);
  });

  it('leaves it to the platform to refuse a body that does not add up', () => {
    expect(wasm.validate(assemble([{ ...nothing, body: [...op.i32Add] }], { shared: false }))).toBe(false);
    expect(wasm.validate(assemble([{ ...nothing, body: getLocal(9) }], { shared: false }))).toBe(false);
  });
});
