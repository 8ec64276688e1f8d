import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { root } from '../../lib/processes.mjs';
import { readText } from './packages.mjs';
import { tool } from './tool.mjs';

/** Holds a committed file against what it would be if it were generated now; with `update` it becomes that. */
export function compareGenerated(file, text, update) {
  if (readText(file) === text) return [];
  const name = relative(root, file);
  if (!update) return [`${name} is not what the sources give: run \`npm run check -- --update\` and read the diff`];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return [];
}

/** Writes a JSON file as Biome wants it. */
export async function writeJson(file, value) {
  writeFileSync(file, JSON.stringify(value, null, 2));
  await tool('biome', ['format', '--write', file]);
}
