import type { Command } from 'commander';
import type { CliIo } from './io.js';

/** What every file in `commands/` exports as `command`. */
export interface CliCommand {
  /** The first word of the command line; also the file's name. */
  readonly name: string;
  /** One line for `engine --help`. */
  readonly summary: string;
  /**
   * Declares arguments and options and sets the action. `finish` takes the exit code; without a call it is 0.
   * Heavy modules are imported inside the action, so that `--help` stays quick.
   */
  configure(command: Command, io: CliIo, finish: (exitCode: number) => void): void;
}
