import type { TextOutput } from '@engine/logging';

/** Where a command reads and writes; the process's own in `main.ts`, collected in tests. */
export interface CliIo {
  readonly cwd: string;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** What is piped into the command. */
  readonly stdin?: AsyncIterable<string | Uint8Array>;
}

export const processIo = (): CliIo => ({
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
});

/** Exit codes of the `engine` program. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, SIGINT: 130, SIGTERM: 143 } as const;
