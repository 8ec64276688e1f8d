import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Backend } from '@engine/core';
import { listParts } from '../../lib/parts.js';
import type { ParityArea } from './area.js';
import { goldenFile } from './golden-file.js';
import { replayFile } from './replay.js';
import { closingLine } from './score.js';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const SHOWN = 20;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: 'string', default: 'wasm' }, sites: { type: 'string' } },
  });
  const [name, named] = positionals;
  const areas = listParts(folder);
  if (name === undefined || !areas.includes(name)) {
    console.error(`usage: npm run parity -- AREA [FILE] [--backend NAME] [--sites DIR]\nareas: ${areas.join(', ')}`);
    return 2;
  }
  const file = goldenFile(dirname(folder), name, named === undefined ? undefined : resolve(named));
  if (file === undefined) {
    console.error(`no golden file for ${name}${named === undefined ? ' in tooling/golden' : `: ${named}`}`);
    return 2;
  }
  const { area } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { area: ParityArea };
  const backend = await backendNamed(values.backend);
  const sites = values.sites === undefined ? undefined : resolve(values.sites);
  const score = await replayFile(area, file, { backend, sites });
  for (const { id, error } of score.failures.slice(0, SHOWN)) console.log(`failed  ${id}: ${error}`);
  if (score.failures.length > SHOWN) console.log(`        ... and ${score.failures.length - SHOWN} more`);
  for (const id of score.quirks) console.log(`quirk   ${id}: differs from an oddity of the reference`);
  for (const { id, remark } of score.remarks) console.log(`remark  ${id}: ${remark}`);
  console.log(`tolerance ${area.tolerance}, backend ${backend.name}`);
  console.log(closingLine(area.name, score));
  return score.total > 0 && score.passed === score.total ? 0 : 1;
}

async function backendNamed(name: string): Promise<Backend> {
  const module = (await import(`@engine/backend-${name}`)) as Record<string, (() => Backend) | undefined>;
  const backend = module[name]?.();
  if (backend === undefined) throw new Error(`@engine/backend-${name} has no export ${name}()`);
  await backend.init();
  return backend;
}

process.exitCode = await main();
