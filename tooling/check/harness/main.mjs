// `npm run check [-- NAME ...] [--update]`: every file of tooling/check is one check, run in a process of its own.
// All of them run, whatever the others say; then comes a summary. `--update` lets a check rewrite what it compares with.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../lib/build.mjs';
import { insidePnpm } from '../../lib/install.mjs';
import { capture } from '../../lib/processes.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const one = join(folder, 'harness/one.mjs');
const typescript = new URL('../../lib/typescript.mjs', import.meta.url).href;
const AT_ONCE = 2;

export const listChecks = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => name.slice(0, -'.mjs'.length))
    .sort();

/** The checks that look at `dist` say so by `export const needsBuild = true`. A build that fails fails them, not the others. */
async function buildIfNeeded(names) {
  const modules = await Promise.all(names.map(async (name) => [name, await import(`../${name}.mjs`)]));
  const needing = new Set(modules.filter(([, { needsBuild }]) => needsBuild).map(([name]) => name));
  if (needing.size === 0) return { needing, fault: undefined };
  return build().then(
    () => ({ needing, fault: undefined }),
    (error) => ({ needing, fault: error.summary ?? String(error) }),
  );
}

/** Runs `work` over the items, a few at once; results in the order of the items. */
async function each(items, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function main(args) {
  const update = args.includes('--update');
  const named = args.filter((arg) => arg !== '--update');
  const known = listChecks();
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`no check named ${unknown.join(', ')}\nchecks: ${known.join(', ')}`);
    return 2;
  }
  const names = named.length > 0 ? named : known;
  const started = Date.now();
  const env = await insidePnpm();
  const { needing, fault } = await buildIfNeeded(names);
  if (fault !== undefined) console.log(`the build fails, so ${[...needing].join(', ')} cannot run:\n${fault}`);
  const results = await each(names, async (name) => {
    if (fault !== undefined && needing.has(name)) return { name, ok: false };
    const from = Date.now();
    const command = ['--import', typescript, '--conditions=@engine/source', one, name, ...(update ? ['--update'] : [])];
    const { code, output } = await capture(process.execPath, command, { env });
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    if (output.trim() !== '') console.log(output.trimEnd().replace(/^/gm, '       '));
    return { name, ok: code === 0 };
  });
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `\nchecks: ${results.length - failed.length}/${results.length} passed in ${seconds} s${failed.length > 0 ? `, failed: ${failed.join(', ')}` : ''}`,
  );
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
