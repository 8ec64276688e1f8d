import type { TextOutput } from '@engine/logging';

/** Where a command reads and writes; the process's own in `main.ts`, collected in tests. */
export interface CliIo {
  readonly cwd: string;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
}

export const processIo = (): CliIo => ({ cwd: process.cwd(), stdout: process.stdout, stderr: process.stderr });

/** Exit codes of the `engine` program. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, SIGINT: 130, SIGTERM: 143 } as const;
