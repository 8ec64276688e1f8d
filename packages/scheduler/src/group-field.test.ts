import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialName, momentumField, readField, writeField } from './group-field.js';

const coded = (reason: string) => expect.objectContaining({ code: `ENGINE_SCHEDULER_${reason}` });

describe('fields of a group', () => {
  it('are read as they were written, elements of lists too', () => {
    const fields = fc.constantFrom('lr', 'weightDecay', 'betas[0]', 'betas[1]', 'odd name[3][1]');
    fc.assert(
      fc.property(fields, fc.double({ noNaN: true }), (name, value) => {
        const group = { lr: 1, weightDecay: 2, betas: [3, 4], 'odd name[3]': [5, 6] };
        writeField(group, name, value);
        expect(readField(group, name)).toBe(value);
      }),
    );
  });

  it('leave other elements alone, and whoever holds the old list', () => {
    const betas = Object.freeze([0.9, 0.99]);
    const group = { betas, params: [] };
    writeField(group, 'betas[0]', 0.5);
    expect(group.betas).toEqual([0.5, 0.99]);
    expect(betas).toEqual([0.9, 0.99]);
  });

  it.each(['momentum', 'betas[2]', 'lr[0]', 'name', 'betas', 'betas[-1]', 'betas[]', ''])(
    'that are no numbers are refused: %j',
    (name) => {
      const group = { lr: 1, betas: [0.9, 0.99], name: 'backbone', params: [] };
      expect(() => readField(group, name)).toThrow(coded('NO_FIELD'));
    },
  );

  it('keep their initial values under a name of their own', () => {
    expect(['lr', 'weightDecay', 'betas[0]'].map(initialName)).toEqual([
      'initialLr',
      'initialWeightDecay',
      'initialBetas[0]',
    ]);
  });
});

describe('the momentum', () => {
  it('is momentum where all groups have it, else the first beta', () => {
    expect(momentumField({ paramGroups: [{ momentum: 0.9 }, { momentum: 0 }] })).toBe('momentum');
    expect(momentumField({ paramGroups: [{ betas: [0.9, 0.99] }] })).toBe('betas[0]');
    expect(momentumField({ paramGroups: [{ momentum: 0.9, betas: [0.9, 0.99] }, { betas: [0, 0] }] })).toBe('betas[0]');
  });

  it('is missing where groups have neither', () => {
    for (const paramGroups of [[{ lr: 1 }], [{ momentum: 0.9 }, { lr: 1 }], [{ momentum: '0.9' }]])
      expect(() => momentumField({ paramGroups })).toThrow(coded('NO_MOMENTUM'));
  });
});
