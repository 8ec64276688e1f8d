import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as events from './events.js';
import { readSteps, type StepsByName } from './read-steps.js';

const golden = readFileSync(new URL('./golden/events.bin', import.meta.url));
const stepsIn = (...files: readonly Uint8Array[]) => {
  const steps: StepsByName = new Map();
  for (const file of files) readSteps(file, steps);
  return Object.fromEntries([...steps].map(([name, found]) => [name, [...found]]));
};

describe('readSteps', () => {
  it('finds names and steps in files of the tensorboard package', () => {
    expect(stepsIn(golden)).toEqual({ loss: [300], 'a/b': [300], img: [2 ** 40], 'config/text_summary': [0], h: [3] });
  });

  it('adds up files, and ends at a record that was cut off, wherever', () => {
    const at = (step: number) => events.record(events.scalars({ wallTime: 1, step }, new Map([['x', step]])));
    const file = Buffer.concat([at(1), at(2), at(3)]);
    expect(stepsIn(file, at(9))).toEqual({ x: [1, 2, 3, 9] });
    for (let length = 0; length < file.length; length += 1) {
      const whole = Math.floor(length / at(1).length);
      const found = Array.from({ length: whole }, (_, i) => i + 1);
      expect(stepsIn(file.subarray(0, length))).toEqual(whole === 0 ? {} : { x: found });
    }
  });
});
