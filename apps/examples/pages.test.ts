// What the pages for newcomers claim, checked against the code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { MemoryStorage } from '@engine/fileio';
import { defaultHooks, type HookPoint, hookPointOrder, priorities, priorityValue } from '@engine/hooks';
import { declaredKeys } from '@engine/registry';
import { makeBoringRun } from '@engine/runner/testing';
import { createRegistry } from '@engine/standard';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const loopPage = read('docs/loop.md');

describe('docs/loop.md', () => {
  it('gives the default hooks in the order in which they are called, with their priorities', () => {
    const rows = [...loopPage.matchAll(/^\| `(\w+)` +\| ([A-Z_]+) (\d+) +\|/gm)].map(([, name, level, value]) => ({
      name,
      level,
      value: Number(value),
    }));
    const called = defaultHooks()
      .map((hook) => ({ name: hook.name, value: priorityValue(hook.priority ?? 'NORMAL') }))
      .sort((a, b) => a.value - b.value);
    expect(rows.map(({ name, value }) => ({ name, value }))).toEqual(called);
    for (const { level, value } of rows) expect(priorities[level as keyof typeof priorities]).toBe(value);
  });

  const epochs = { trainCfg: { byEpoch: true, maxEpochs: 1 } } as const;
  const iterations = {
    trainCfg: { byEpoch: false, maxIters: 2 },
    defaultHooks: { checkpoint: { byEpoch: false, filenameTmpl: 'epoch_{}.safetensors', interval: 1 } },
  } as const;

  it.each([
    ['counts epochs', 0, epochs, 'epoch_1'],
    ['counts iterations', 1, iterations, 'epoch_2'],
  ] as const)(
    'shows the hook points in the order in which a run that starts from weights and %s reaches them',
    async (_, place, options, saved) => {
      const shown = [...loopPage.matchAll(/^(?: *(?:before|after)\w+ →.*\n)+/gm)].map(([block]) => block);
      const onPage = shown[place]?.match(/\b(before|after)[A-Z]\w+/g);

      const reached = new Set<HookPoint>();
      const tracer = Object.fromEntries(hookPointOrder.map((point) => [point, () => void reached.add(point)]));
      const storage = new MemoryStorage();
      const second = { loadFrom: `/runs/first/${saved}.safetensors`, customHooks: [{ name: 'Tracer', ...tracer }] };
      for (const more of [{ workDir: '/runs/first' }, { workDir: '/runs/second', ...second }]) {
        const { runner, model } = makeBoringRun(wasm({ threads: 1 }), { ...options, ...more }, { storage });
        await runner.train();
        await runner.dispose();
        model.dispose();
      }
      expect(onPage).toEqual([...reached]);
    },
  );
});

describe('docs/hooks.md', () => {
  const page = read('docs/hooks.md');
  const sections = page.split(/^### /m).slice(1);

  it.each(
    createRegistry()
      .list('hook')
      .map(({ name, options }) => [name, options] as const),
  )('describes %s with every option of it', (name, options) => {
    expect(page).toContain(name);
    const section = sections.find((text) => text.startsWith(`${name}\n`)) ?? '';
    expect(declaredKeys(options).filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
  });
});

describe('links', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'apps/examples/README.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ];

  it.each(pages.filter((page) => page.endsWith('.md')))('of %s lead to files that exist', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });
});
