/** What a config may learn of the machine that reads it. */
export interface Surroundings {
  /** The working directory. */
  readonly cwd: string;
  env(name: string): string | undefined;
  /** What a path leads to. */
  kindOf(path: string): 'file' | 'folder' | undefined;
}
