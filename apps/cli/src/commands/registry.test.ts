import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { engine, folderOf, type TestFolder } from '../testing.js';

let folder: TestFolder | undefined;
afterEach(() => folder?.remove());

/** The folder of `recall-plugin.ts`, a file that adds the metric `acme.Recall`. */
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

describe('engine registry', () => {
  it('lists every kind with its entries, the packages they are from and their one line', async () => {
    const { code, out } = await engine(['registry']);
    expect(code).toBe(0);
    expect(out).toMatch(/^optimizer \(\d+\)$/m);
    expect(out).toMatch(/^ {2}SGD {2,}@engine\/optim {2,}\S/m);
    expect(out).toMatch(/^ {2}CheckpointHook {2,}@engine\/hooks {2,}\S/m);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each([['hook'], ['HOOKS'], ['Hook']])('lists one kind, called %s', async (kind) => {
    const { code, out } = await engine(['registry', kind]);
    expect(code).toBe(0);
    expect(out).toMatch(/^hook \(\d+\)\n/);
    expect(out).not.toContain('SGD');
  });

  it.each([
    ['PARAM_SCHEDULERS', 'paramScheduler'],
    ['optim-wrapper', 'optimWrapper'],
    ['VISBACKENDS', 'visBackend'],
  ])('knows the kind by the name of the registry: %s', async (word, kind) => {
    expect((await engine(['registry', word])).out).toMatch(new RegExp(`^${kind} \\(`));
  });

  it('shows the options of an entry with types and defaults, from its schema', async () => {
    const { code, out } = await engine(['registry', 'optimizer', 'SGD']);
    expect(code).toBe(0);
    expect(out).toMatch(/^SGD {2}optimizer {2}from @engine\/optim\n\S/);
    expect(out).toMatch(/^ {2}option +type +default$/m);
    expect(out).toMatch(/^ {2}lr +number >= 0 /m);
    expect(out).toMatch(/^ {2}nesterov +boolean +false$/m);
  });

  it('finds an entry without its kind, and nested options below their own', async () => {
    const { code, out } = await engine(['registry', 'OptimWrapper']);
    expect(code).toBe(0);
    expect(out).toMatch(/^OptimWrapper {2}optimWrapper/);
    expect(out).toMatch(/^ {2}clipGrad\.maxNorm +/m);
  });

  it('prints JSON with the JSON Schema of the options', async () => {
    const { out } = await engine(['registry', 'optimizer', 'SGD', '--json']);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({
        kind: 'optimizer',
        name: 'SGD',
        module: '@engine/optim',
        options: expect.objectContaining({ properties: expect.objectContaining({ lr: expect.anything() }) }),
      }),
    ]);
  });

  it('shows what a package or file adds, under its scope', async () => {
    const { code, out } = await engine(['registry', 'metric', '--import', './recall-plugin.ts'], fixtures);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}acme\.Recall +plugin +Share of what was to be found that was\.$/m);
    const details = await engine(['registry', '--import', './recall-plugin.ts', 'acme.Recall'], fixtures);
    expect(details.out).toMatch(/^ {2}classes +integer\[\] +\[\]$/m);
    expect(details.out).toMatch(/^ {2}mode +"macro" \| "micro" +required$/m);
  });

  it('shows what a config imports', async () => {
    folder = folderOf({ 'a.yaml': `custom_imports: [${join(fixtures, 'recall-plugin.ts')}]\n` });
    const { out } = await engine(['registry', 'metric', '--config', 'a.yaml'], folder.path);
    expect(out).toContain('acme.Recall');
  });

  it.each([
    [['registry', 'optimiser'], 'write optimizer'],
    [['registry', 'optimizer', 'SDG'], 'write SGD'],
    [['registry', 'CheckpointHok'], 'write CheckpointHook'],
    [['registry', 'hook', 'Quux'], 'run engine registry hook'],
    [['registry', 'quuxquux'], 'run engine registry for all'],
  ])('%j: ENGINE_CLI_UNKNOWN_ENTRY, with the nearest name', async (args, action) => {
    const { code, err, out } = await engine(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('ENGINE_CLI_UNKNOWN_ENTRY');
    expect(err).toContain(action);
  });
});
