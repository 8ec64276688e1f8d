import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { type Migration, migrateConfig, pythonValues } from '@engine/mmcompat/migrate';
import type { Registry } from '@engine/registry';
import { createRegistry } from '@engine/standard';
import { cliErrors } from './errors.js';
import type { CliIo } from './io.js';
import { existing } from './read-config.js';

export interface MigrateFlags {
  readonly out?: string;
  readonly force?: true;
}

/** `engine migrate`: prints the module, or writes it and what it imports. @throws `ENGINE_CLI_FILE_EXISTS` */
export async function migrate(path: string, { out, force }: MigrateFlags, io: CliIo): Promise<void> {
  const file = await existing(path, io.cwd, 'a config file');
  const registry = createRegistry();
  if (out === undefined) {
    const migration = await migrated(file, registry);
    io.stdout.write(migration.text);
    report(migration, io);
    return;
  }
  const target = resolve(io.cwd, out);
  if (force !== true && (await exists(target))) {
    throw cliErrors.FILE_EXISTS({
      subject: out,
      expected: 'the name of a new file',
      received: `a file that exists: ${target}`,
      action: 'choose another name, or add --force to replace it',
    });
  }
  await new Writer(registry, io).write(file, target);
}

/** Writes a config and, once each, the bases that are not there yet, where its imports look for them. */
class Writer {
  readonly #registry: Registry;
  readonly #io: CliIo;
  readonly #written = new Set<string>();

  constructor(registry: Registry, io: CliIo) {
    this.#registry = registry;
    this.#io = io;
  }

  async write(file: string, target: string): Promise<void> {
    this.#written.add(target);
    const migration = await migrated(file, this.#registry);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, migration.text);
    this.#io.stdout.write(`${relative(this.#io.cwd, file)} → ${relative(this.#io.cwd, target)} (${migration.style})\n`);
    report(migration, this.#io);
    for (const base of migration.bases) {
      const beside = resolve(dirname(target), relative(dirname(file), base).replace(/\.py$/, '.ts'));
      if (!this.#written.has(beside) && !(await exists(beside))) await this.write(base, beside);
    }
  }
}

async function migrated(file: string, registry: Registry): Promise<Migration> {
  return migrateConfig(await readFile(file, 'utf8'), file, {
    read,
    registry,
    values: async (path) => pythonValues(path),
  });
}

function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function report({ warnings }: Migration, { stderr, cwd }: CliIo): void {
  for (const { at, message } of warnings)
    stderr.write(`${relative(cwd, at.file)}:${at.line ?? 1}: warning: ${message}\n`);
}
