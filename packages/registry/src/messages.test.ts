/** What people read when a config does not compile: the real compiler on a file of mistakes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const fixture = 'packages/registry/fixtures/messages.ts';
const statements = readFileSync(`${root}/${fixture}`, 'utf8')
  .split('\n')
  .flatMap((text, index) => (text.startsWith('defineConfig(') ? [index + 1] : []));
const flags =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2022 --module nodenext --customConditions @engine/source --types node';

describe('messages of the compiler', () => {
  let lines: string[];
  beforeAll(async () => {
    const tsc = `${root}/node_modules/@typescript/native/bin/tsc`;
    const output = await promisify(execFile)(process.execPath, [tsc, ...flags.split(' '), fixture], { cwd: root }).then(
      (done) => done.stdout,
      (error: { stdout: string }) => error.stdout,
    );
    lines = output.split('\n').filter((line) => line.startsWith(fixture) || line.startsWith(' '));
  });

  /** What is said about the `index`-th statement of the fixture. */
  const message = (index: number) => {
    const line = statements[index];
    const first = lines.findIndex((text) => text.startsWith(`${fixture}(${line},`));
    const rest = lines.slice(first + 1);
    const next = rest.findIndex((text) => !text.startsWith(' '));
    return [lines[first] ?? '', ...rest.slice(0, next < 0 ? undefined : next)].join('\n');
  };

  it('name the options type and the option that was meant, beside a name and beside a class', () => {
    const told = /'momentm' does not exist in type '.* & SGDOptions'. Did you mean to write 'momentum'\?/;
    expect(message(0)).toMatch(told);
    expect(message(1)).toMatch(told);
  });

  it('list the names for an unknown one', () => {
    expect(message(2)).toMatch(/Type '"SDG"' is not assignable to type '.*"SGD".*'/);
    expect(message(2)).toContain('"AdamW"');
  });

  it('point at a value of the wrong type, and at what is missing', () => {
    expect(message(3)).toContain("Type 'string' is not assignable to type 'number'");
    expect(message(4)).toContain(
      "Property 'lr' is missing in type '{ type: \"SGD\"; }' but required in type 'SGDOptions'",
    );
  });

  it('correct a top-level key', () => {
    expect(message(5)).toContain("'optimzer' does not exist in type 'Config'. Did you mean to write 'optimizer'?");
  });
});
