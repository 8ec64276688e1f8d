/** docs/config.md is run: its files are written, its commands typed, and what they print is what stands there. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { engine, folderOf } from './testing.js';

const page = fileURLToPath(new URL('../../../docs/config.md', import.meta.url));
const text = readFileSync(page, 'utf8');
const fences = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
  language,
  body,
}));
const files = fences.flatMap(({ body }) => {
  const name = /^(?:#|\/\/) ([\w./-]+\.\w+)\n/.exec(body)?.[1];
  return name === undefined ? [] : [[name, body] as const];
});
const sessions = fences.filter(({ language }) => language === 'console').map(({ body }) => body);

const folder = folderOf(Object.fromEntries(files));
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), folder.file('node_modules'));
afterAll(() => folder.remove());

async function typed(session: string): Promise<string> {
  let shown = '';
  for (const [line, command = ''] of session.matchAll(/^\$ engine (.*)$/gm)) {
    const { out, err } = await engine(command.split(' '), folder.path);
    shown += `${line}\n${out}${err}`;
  }
  return shown;
}

describe('docs/config.md', () => {
  it.each(sessions)('%s', async (session) => {
    const shown = await typed(session);
    if (process.env.UPDATE_PAGES === '1') {
      const now = readFileSync(page, 'utf8');
      writeFileSync(
        page,
        now.replace(session, () => shown),
      );
      return;
    }
    expect(shown).toBe(session);
  });

  it('has all of it', () => {
    expect([files.length, sessions.length]).toEqual([7, 5]);
  });
});
