export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The operating system as the engine sees it. Node's implementation is `nodePlatform` of `@engine/fileio`. */
export interface Platform {
  readonly name: string;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic clock, milliseconds from an arbitrary start. */
  monotonic(): number;
  /** Cores this process may use, at least 1. */
  cpuCount(): number;
  /** Resident memory of this process in bytes; undefined where the platform does not tell. */
  residentBytes(): number | undefined;
  env(name: string): string | undefined;
  /** Imports a module by specifier or path, resolved from `from` (a file path; default the working directory). */
  import(specifier: string, from?: string): Promise<Record<string, unknown>>;
  /** Calls `listener` at each such signal until the returned function is called. */
  onSignal(signal: StopSignal, listener: () => void): () => void;
  /** Lets timers, signals and other tasks run. */
  yieldToEventLoop(): Promise<void>;
  exit(code: number): void;
  /** Facts for the log's environment block: version, operating system, processor. */
  describe(): Readonly<Record<string, string>>;
}
