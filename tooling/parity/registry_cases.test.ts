import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '@engine/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './registry_cases.js';

const file = fileURLToPath(new URL('../golden/config/registry_cases.json', import.meta.url));
const backend = { name: 'none' } as Backend;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-cases-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Step = Record<string, unknown> & { expect: { result?: unknown; error?: { type: string; mentions?: string[] } } };
interface Data {
  cases: { name: string; steps: Step[] }[];
}

const step = (todo: string, fields: Record<string, unknown>, result: unknown = 'ok'): Step => ({
  do: todo,
  ...fields,
  expect: { result },
});
const fails = (todo: string, fields: Record<string, unknown>, type: string, ...mentions: string[]): Step => ({
  do: todo,
  ...fields,
  expect: { error: { type, mentions } },
});

async function faultOf(...steps: Step[]): Promise<string | undefined> {
  const path = join(folder, 'cases.json');
  await writeFile(path, JSON.stringify({ cases: [{ name: 'own', steps }] }));
  const { failures } = await replayFile(area, path, { backend });
  return failures[0]?.error;
}

const tree = [
  step('registry', { id: 'root', name: 'model', scope: 'core' }),
  step('registry', { id: 'det', name: 'model', scope: 'det', parent: 'root' }),
  step('registry', { id: 'tiny', name: 'model', scope: 'tiny', parent: 'det' }),
  step('register', { registry: 'det', component: 'Det' }, { component: 'Det' }),
];

describe('parity area registry_cases', () => {
  it('passes every recorded case', async () => {
    const { passed, total, failures } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 33, total: 33 });
  });

  const results = (data: Data, name: string): Step[] =>
    data.cases.find((golden) => golden.name === name)?.steps as Step[];
  const changes: [string, string, (steps: Step[]) => void][] = [
    ['a component', 'register_and_get', (steps) => void ((steps[2] as Step).expect.result = { component: 'Other' })],
    [
      'that nothing is found',
      'register_named',
      (steps) => void ((steps[3] as Step).expect.result = { component: 'Net' }),
    ],
    [
      'an argument',
      'build_simple',
      (steps) => void ((steps[2] as Step).expect.result = { built: 'Net', args: { depth: 6 } }),
    ],
    [
      'a refusal',
      'register_twice_error',
      (steps) => void ((steps[2] as Step).expect = { result: { component: 'Net' } }),
    ],
    [
      'the kind of a refusal',
      'build_missing_type',
      (steps) => void ((steps[2] as Step).expect = { error: { type: 'TypeError' } }),
    ],
    ['a property', 'info_tree', (steps) => void ((steps[5] as Step).expect.result = { scope: 'det' })],
    [
      'a build function',
      'custom_build_func_inherited',
      (steps) => void ((steps[3] as Step).expect.result = ['upper', 'Net', 'root']),
    ],
    ['a step', 'infer_scope', (steps) => void ((steps[0] as Step)['do'] = 'infer')],
    [
      'a kept config',
      'cfg_not_modified',
      (steps) => void ((steps[2] as Step).expect.result = { type: 'Net', depth: 1 }),
    ],
  ];
  it.each(changes)('notices %s that is wrong, in %s', async (_, name, change) => {
    const { cases } = JSON.parse(await (await import('node:fs/promises')).readFile(file, 'utf8')) as Data;
    const id = `cases[${cases.findIndex((golden) => golden.name === name)}]`;
    const score = await replayCorrupted<Data>(area, {
      file,
      backend,
      id,
      change: (data) => change(results(data, name)),
    });
    expect(score.failures).toEqual([{ id, error: expect.stringContaining(name) }]);
  });

  it('fails a case that does not hold what the error has to mention', async () => {
    const build = { registry: 'root', cfg: { type: 'Ghost' } };
    expect(await faultOf(...tree, fails('build', build, 'KeyError', 'Ghost', 'core'))).toBeUndefined();
    expect(await faultOf(...tree, fails('build', build, 'KeyError', 'Spectre'))).toContain('does not mention Spectre');
  });

  it('switches scopes, one in the other too, and tells what is current', async () => {
    const inside = { registry: 'det', scope: 'det', name: 'model', default_scope: 'det' };
    const lost = { registry: 'root', default_scope: 'nowhere' };
    const nested = { registry: 'root', scopes: ['det', 'tiny'] };
    const steps = [
      ...tree,
      step('switch_scope', { registry: 'tiny', scope: 'det' }, inside),
      step('switch_scope', { registry: 'tiny', scope: null }, 'tiny'),
      step('switch_scope', { registry: 'root', scope: 'nowhere' }, lost),
      step('switch_nested', nested, ['det', 'tiny']),
      step('switch_nested', nested, ['det', 'tiny', 'det']),
      step(
        'switch_nested',
        { registry: 'root', scope: 'det', inner: 'core' },
        { outer: 'det', inner: 'core', back: 'det', after: null },
      ),
    ];
    expect(await faultOf(...steps)).toBeUndefined();
    expect(await faultOf(...tree, step('switch_nested', nested, ['tiny', 'det']))).toContain('expected "tiny"');
    expect(await faultOf(...tree, step('switch_scope', { registry: 'root', scope: 'det' }, 'core'))).toContain(
      '"core"',
    );
  });

  it('splits names, builds functions, plain below another build function, and lets errors of a constructor pass', async () => {
    const upper = { id: 'u', name: 'u', scope: 'u', build_func: 'upper' };
    const steps = [
      step('split', { key: 'hound.little.X' }, ['hound', 'little.X']),
      step('split', { key: 'X' }, [null, 'X']),
      step('registry', upper),
      step('registry', { id: 'p', name: 'p', scope: 'p', parent: 'u', build_func: 'plain' }),
      step('register', { registry: 'p', component: 'Angry' }, { component: 'Angry' }),
      step('register', { registry: 'p', component: 'make_pair', names: ['a', 'b'] }, { component: 'make_pair' }),
      step('build', { registry: 'p', cfg: { type: 'b', x: null, y: [1] } }, [null, [1]]),
      step('build', { registry: 'u', cfg: { type: 'b' } }, ['upper', 'b', 'u']),
      fails('build', { registry: 'p', cfg: { type: 'b', x: 1 } }, 'TypeError'),
      {
        ...fails('build', { registry: 'p', cfg: { type: 'Angry', why: 'no tea' } }, 'ValueError'),
        expect: { error: { type: 'ValueError', message: 'no tea' } as never },
      },
      fails('get', { registry: 'p', key: 5 }, 'TypeError'),
    ];
    expect(await faultOf(...steps)).toBeUndefined();
  });
});
