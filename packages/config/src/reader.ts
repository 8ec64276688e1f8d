/** How configs reach files, modules and the environment. `nodeReader` of `@engine/config/node` is one; a browser app brings its own. */
export interface ConfigReader {
  /** Absolute form of `path`, which stands in the file `from` (default: the working directory). */
  resolve(path: string, from?: string): string;
  /** The text of a file; undefined when there is none. */
  readText(file: string): Promise<string | undefined>;
  /** The exports of a TypeScript or JavaScript module. Leave it out where modules cannot be loaded. */
  importModule?(file: string): Promise<Readonly<Record<string, unknown>>>;
  /** An environment variable. */
  env(name: string): string | undefined;
}
