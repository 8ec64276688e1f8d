import { defineEntry } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type MapNode, mapNode, type Node, nodeAt, positionKey, rebuild, toData, toNode } from './tree.js';

declare module '@engine/core' {
  interface Kinds {
    leaf: object;
  }
}

const data = { list: [{ x: 1 }, [2, 3]], 'dotted.key': { 'a.b': 4 }, dotted: { other: 5 }, empty: {} };

describe('toNode and toData', () => {
  it('give back the same objects where nothing changed', () => {
    expect(toData(toNode(data, {}))).toBe(data);
    const root = toNode(data, {}) as MapNode;
    const changed = toData(mapNode(new Map(root.entries).set('new', toNode(1, {})), undefined)) as typeof data;
    expect(changed).toEqual({ ...data, new: 1 });
    expect(changed.list).toBe(data.list);
  });

  it('leave out undefined, and take entries, instances and functions as values', () => {
    const entry = defineEntry('leaf', { name: 'Leaf', options: z.strictObject({}), create: () => ({}) });
    const values = { entry, map: new Map([['a', 1]]), call: () => 1, nothing: null };
    const node = toNode({ ...values, gone: undefined }, {}) as MapNode;
    expect([...node.entries].map(([key, child]) => [key, child.kind])).toEqual(
      Object.keys(values).map((key) => [key, 'value']),
    );
    expect(toData(node)).toEqual(values);
    expect(Object.keys(toData(node) as object)).not.toContain('gone');
  });

  it('attach the positions of a file', () => {
    const positions = new Map([[positionKey(['list', 0, 'x']), { line: 3, column: 7 }]]);
    const root = toNode(data, { file: 'f.json', positions });
    expect(nodeAt(root, ['list', '0', 'x'])?.at).toEqual({ file: 'f.json', line: 3, column: 7 });
    expect(nodeAt(root, ['list', '1'])?.at).toEqual({ file: 'f.json' });
    expect(toNode(data, {}).at).toBeUndefined();
  });
});

describe('nodeAt', () => {
  const root = toNode(data, {});
  it.each([
    ['list.0.x', 1],
    ['list.1.1', 3],
    ['dotted.key.a.b', 4],
    ['dotted.other', 5],
    ['empty', {}],
    ['list.2', undefined],
    ['list.-1', undefined],
    ['list.length', undefined],
    ['empty.constructor', undefined],
    ['list.0.x.y', undefined],
    ['', undefined],
  ])('%s', (path, expected) => {
    const node = nodeAt(root, path.split('.'));
    expect(node === undefined ? undefined : toData(node)).toEqual(expected);
  });

  it('finds everything that is there, whatever the keys', () => {
    const key = fc.stringMatching(/^[a-z.]{1,3}$/);
    fc.assert(
      fc.property(fc.dictionary(key, fc.dictionary(key, fc.integer(), { maxKeys: 3 }), { maxKeys: 4 }), (value) => {
        const paths = Object.entries(value).flatMap(([outer, inner]) =>
          Object.keys(inner).map((name) => `${outer}.${name}`),
        );
        for (const path of paths) expect(nodeAt(toNode(value, {}), path.split('.'))).toBeDefined();
      }),
    );
  });
});

describe('rebuild', () => {
  it('visits the deepest first and keeps what does not change', () => {
    const root = toNode(data, {});
    expect(rebuild(root, (node) => node)).toBe(root);
    const doubled = rebuild(root, (node: Node) =>
      node.kind === 'value' ? { ...node, value: Number(node.value) * 2 } : node,
    );
    expect(toData(doubled)).toEqual({
      list: [{ x: 2 }, [4, 6]],
      'dotted.key': { 'a.b': 8 },
      dotted: { other: 10 },
      empty: {},
    });
    expect(toData(root)).toBe(data);
    expect((toData(doubled) as typeof data).empty).toBe(data.empty);
  });
});
