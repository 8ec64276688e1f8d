import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli.js';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process and collects what it writes. */
export async function engine(args: readonly string[], cwd: string = process.cwd()): Promise<CliResult> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    cwd,
    stdout: { write: (text) => (out += text), columns: 100 },
    stderr: { write: (text) => (err += text), columns: 100 },
  });
  return { code, out, err };
}

/** A folder of files for a test, and how to remove it. */
export function folderOf(files: Readonly<Record<string, string>>): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'engine-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
