import { readdir } from 'node:fs/promises';
import type { CliCommand } from './command.js';

/** The commands of a folder: every file in it exports one. */
export async function listCommands(folder = new URL('./commands/', import.meta.url)): Promise<CliCommand[]> {
  const files = (await readdir(folder)).filter((name) => /^[a-z-]+\.(js|ts)$/.test(name)).sort();
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, folder).href) as Promise<{ command: CliCommand }>),
  );
  return modules.map(({ command }) => command);
}
