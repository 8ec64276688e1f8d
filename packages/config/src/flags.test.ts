import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { configFlags, parseArgsOptions, readFlags } from './flags.js';

const config = Config.fromData({
  workDir: 'runs',
  resume: false,
  lrs: [0.1, 0.2],
  names: [],
  model: { depth: 18, head: null, layers: [{ a: 1 }] },
});
const flags = configFlags(config);

function run(args: string[]): Record<string, unknown> {
  const { values } = parseArgs({ args, options: parseArgsOptions(flags), allowNegative: true } as Parameters<
    typeof parseArgs
  >[0]);
  return config.mergeFromDict(readFlags(flags, values)).data;
}

describe('configFlags', () => {
  it('makes one option of every value that the command line can give', () => {
    expect(flags.map(({ name, kind, multiple }) => [name, kind, multiple])).toEqual([
      ['workDir', 'text', false],
      ['resume', 'boolean', false],
      ['lrs', 'number', true],
      ['names', 'text', true],
      ['model.depth', 'number', false],
    ]);
  });

  it('lays over the config what was given, and nothing else', () => {
    expect(run([])).toEqual(config.data);
    expect(run(['--workDir', 'b', '--resume', '--lrs=1e-3', '--lrs=2', '--model.depth', '50', '--names', 'x'])).toEqual(
      {
        workDir: 'b',
        resume: true,
        lrs: [1e-3, 2],
        names: ['x'],
        model: { depth: 50, head: null, layers: [{ a: 1 }] },
      },
    );
  });

  it.each([
    [['--model.depth', 'deep'], '--model.depth', 'a number'],
    [['--lrs', ''], '--lrs', 'a number'],
  ])('refuses %j', (args, subject, expected) => {
    expect(() => run(args)).toThrow(expect.objectContaining({ code: 'ENGINE_CONFIG_BAD_FLAG', subject, expected }));
  });

  it('reads values that a library has parsed already', () => {
    expect(readFlags(flags, { 'model.depth': 34, resume: 'true', other: 1 })).toEqual({
      'model.depth': 34,
      resume: true,
    });
  });
});
