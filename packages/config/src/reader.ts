/** How configs reach files, modules and the environment. `nodeReader` of `@engine/config/node` is one; a browser app brings its own. */
export interface ConfigReader {
  /** Absolute form of `path`, which stands in the file `from` (default: the working directory). */
  resolve(path: string, from?: string): string;
  /** The text of a file; undefined when there is none. Coded errors that it throws are passed on. */
  readText(file: string): Promise<string | undefined>;
  /** The exports of a TypeScript or JavaScript module. Leave it out where modules cannot be loaded. */
  importModule?(file: string): Promise<Readonly<Record<string, unknown>>>;
  /** The file of a config that an installed package has at `path`, as seen from the file `from`; undefined when there is none. */
  resolvePackage?(name: string, path: string, from: string): Promise<string | undefined>;
  /** An environment variable. */
  env(name: string): string | undefined;
}
