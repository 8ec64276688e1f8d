import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listCommands } from './list-commands.js';
import { engine } from './testing.js';

describe('engine', () => {
  it('lists its commands when asked for nothing or for help', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { code, out } = await engine(args);
      expect(code).toBe(0);
      for (const name of ['train', 'test', 'config', 'doctor']) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  it('shows the config before the options, which would swallow it as a value', async () => {
    const { out } = await engine(['train', '--help']);
    expect(out).toContain('Usage: engine train <config> [options]\n');
    const { code, err } = await engine(['train', '--resume', 'config.ts']);
    expect(code).toBe(2);
    expect(err).toContain("missing required argument 'config'");
    expect(err).toContain('(write it before --resume, which takes what follows it)');
  });

  it('tells its version', async () => {
    expect(await engine(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('has a command for every file of the folder, named as the file', async () => {
    const files = readdirSync(new URL('./commands/', import.meta.url)).filter(
      (name) => name.endsWith('.ts') && !name.includes('.test.'),
    );
    expect((await listCommands()).map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  it.each(['train', 'test', 'config', 'registry', 'migrate', 'doctor'])('explains %s', async (name) => {
    const { code, out } = await engine([name, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: engine ${name}`));
  });

  it.each([
    [['trian'], 'Did you mean train?'],
    [['train', 'a.ts', '--wrok-dir', 'x'], 'Did you mean --work-dir?'],
    [['train'], "missing required argument 'config'"],
    [['test', 'a.ts'], "missing required argument 'checkpoint'"],
    [['config', 'prnt', 'a.ts'], 'print'],
    [['config', 'print', 'a.ts', '--jsn'], 'Did you mean --json?'],
    [['doctor', '--jsno'], 'Did you mean --json?'],
  ])('answers %j with a clear message and exit code 2', async (args, message) => {
    const { code, out, err } = await engine(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe('');
  });

  it.each([[['train', 'nowhere.ts']], [['test', 'nowhere.ts', 'c.safetensors']], [['config', 'print', 'nowhere.ts']]])(
    'says that a config does not exist: %j',
    async (args) => {
      const { code, err } = await engine(args);
      expect(code).toBe(2);
      expect(err).toContain('ENGINE_CLI_FILE_NOT_FOUND  nowhere.ts');
      expect(err).toContain('  do        ');
    },
  );
});
