import { afterEach, describe, expect, it, vi } from 'vitest';
import { PythonConfig } from '../config/python-config.js';
import { memoryFiles } from '../memory-files.js';
import { LayoutState } from './layout-state.js';

afterEach(() => vi.restoreAllMocks());

/** The text of a config and how many states its layout went on from, at two at most for each. */
function layOut(source: string): { readonly text: string; readonly states: number } {
  const put = vi.spyOn(LayoutState.prototype, 'put');
  const text = PythonConfig.fromFile('main.py', { files: memoryFiles({ 'main.py': source }, {}) }).prettyText;
  const states = put.mock.calls.length;
  put.mockRestore();
  return { text, states };
}

/** Sixteen kinds of stages, each with a list, a dict and a tuple of its own: much to choose between. */
const stages = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `dict(type='Stage${i % 16}', channels=[${i}, ${i + 1}, ${i + 2}], norm=dict(type='BN', requires_grad=True), stride=(1, 2))`,
  ).join(', ');

describe('the layout of a long value', () => {
  it('goes on from few states for each token, however long the value is', () => {
    const [short, long] = [100, 400].map((count) => layOut(`model = dict(stages=[${stages(count)}])\n`)) as [
      ReturnType<typeof layOut>,
      ReturnType<typeof layOut>,
    ];
    const tokens = (text: string): number => text.split(/[\s,()=]+/).length;
    for (const { text, states } of [short, long]) expect(states).toBeLessThan(10_000 + 50 * tokens(text));
    expect(long.states / short.states).toBeLessThan(4.5);
  });

  it('goes on from few states where brackets are nested deeply', () => {
    const nested = (depth: number): string =>
      depth === 0 ? "'leaf'" : `dict(a=${nested(depth - 1)}, b=[${depth}, ${depth + 1}], c=(${depth}, 'c'))`;
    const { states } = layOut(`model = ${nested(40)}\n`);
    expect(states).toBeLessThan(20_000);
  });
});
