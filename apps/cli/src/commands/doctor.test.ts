import { describe, expect, it } from 'vitest';
import { renderFindings } from '../doctor/render.js';
import { hasRelaxedSimd, hasSimd } from '../doctor/wasm-features.js';
import { engine } from '../testing.js';

describe('engine doctor', () => {
  it('finds that this machine can train, by training a little on it', async () => {
    const { code, out } = await engine(['doctor', '--json']);
    const findings = JSON.parse(out) as { what: string; state: string; found: string }[];
    const isNative = ({ what }: { what: string }): boolean =>
      /^(calls of C|C library|library|installed|package|NVIDIA|CUDA|TensorFlow)/.test(what);
    const native = findings.filter(isNative).map(({ what }) => what);
    expect(native).toEqual(
      expect.arrayContaining([
        'calls of C functions',
        'library for node',
        'library for cuda',
        'NVIDIA GPU',
        'TensorFlow',
      ]),
    );
    expect(findings.map(({ what }) => what)).toEqual([
      'Node',
      'processor',
      'memory',
      'WebAssembly',
      'backend wasm',
      ...native,
      'MNIST files',
      'this folder',
    ]);
    expect(findings.filter(({ state }) => state === 'missing')).toEqual([]);
    const found = (name: string) => findings.find(({ what }) => what === name)?.found;
    expect(found('backend wasm')).toMatch(/^simd, \d+ threads?$/);
    // where the example looks for them
    expect(found('MNIST files')).toMatch(/^10000 test images/);
    expect(code).toBe(0);
  });

  it('prints lines for people', async () => {
    const { out } = await engine(['doctor']);
    expect(out).toContain(process.version);
    expect(out).toMatch(/This machine can train\.\n$/);
    expect(out).not.toContain('\u001b');
  });
});

describe('renderFindings', () => {
  it('says what to do below what is missing', () => {
    const text = renderFindings(
      [
        { what: 'Node', state: 'missing', found: 'v18.0.0', action: 'install Node 20.19 or newer' },
        { what: 'memory', state: 'ok', found: '8 GiB' },
      ],
      { colour: false },
    );
    expect(text).toBe(
      [
        'missing  Node    v18.0.0',
        '                 do: install Node 20.19 or newer',
        'ok       memory  8 GiB',
        '',
        '1 thing is missing.',
        '',
      ].join('\n'),
    );
  });
});

describe('wasm features', () => {
  it('are probed by validation', () => {
    expect(hasSimd()).toBe(true);
    // on by default from Node 22 on
    expect(hasRelaxedSimd()).toBe(Number(process.versions.node.split('.')[0]) >= 22);
  });
});
