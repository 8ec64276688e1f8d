import { readdir } from 'node:fs/promises';
import type { CliCommand } from './command.js';

/** The commands of a folder, of which every file exports one. When one of them is the `wanted`, that one alone, so that no other is loaded. */
export async function listCommands(
  folder = new URL('./commands/', import.meta.url),
  wanted?: string,
): Promise<CliCommand[]> {
  const files = (await readdir(folder)).filter((name) => /^[a-z-]+\.(js|ts)$/.test(name)).sort();
  const named = files.filter((name) => name.replace(/\.(js|ts)$/, '') === wanted);
  const modules = await Promise.all(
    (named.length > 0 ? named : files).map(
      (name) => import(new URL(name, folder).href) as Promise<{ command: CliCommand }>,
    ),
  );
  return modules.map(({ command }) => command);
}
