// csv-vis-backend.ts: a place of one's own for what a run shows, a table that any spreadsheet opens.
import type { StorageBackend } from '@engine/fileio';
import { defineVisBackend, type ScalarRow, type VisBackend } from '@engine/visualization';
import * as z from 'zod/mini';

const csvVisBackendOptions = z.strictObject({
  /** Name of the file in the run's folder. */
  file: z._default(z.string(), 'scalars.csv'),
});
interface CsvVisBackendOptions extends z.input<typeof csvVisBackendOptions> {}

/** One line for each value: step, name, value. */
class CsvWriter implements VisBackend {
  readonly #storage: StorageBackend;
  readonly #file: string;
  #path = '';
  #last: Promise<void> = Promise.resolve();

  constructor(storage: StorageBackend, file: string) {
    this.#storage = storage;
    this.#file = file;
  }

  init({ saveDir }: { readonly saveDir: string }): void {
    this.#path = this.#storage.join(saveDir, this.#file);
  }

  addScalar(name: string, value: number, step: number): Promise<void> {
    return this.addScalars({ [name]: value }, step);
  }

  addScalars(row: ScalarRow, step: number): Promise<void> {
    const lines = Object.entries(row).map(([name, value]) => `${step},${JSON.stringify(name)},${value}\n`);
    this.#last = this.#last.then(() => this.#storage.append(this.#path, lines.join('')));
    return this.#last;
  }

  close(): Promise<void> {
    return this.#last;
  }
}

export const CsvVisBackend = defineVisBackend<'CsvVisBackend', typeof csvVisBackendOptions, CsvVisBackendOptions>({
  name: 'CsvVisBackend',
  options: csvVisBackendOptions,
  create: ({ file }, { args }) => new CsvWriter(args.storage, file),
  module: new URL(import.meta.url).pathname,
  doc: 'Writes scalars as a table of comma-separated values.',
});
