import type { Command } from 'commander';
import type { CliIo } from './io.js';

/** What every file in `commands/` exports as `command`, and every file in `commands/NAME/` for the subcommands of NAME. */
export interface CliCommand {
  /** The word on the command line; also the file's name. */
  readonly name: string;
  /** One line for `engine --help`. */
  readonly summary: string;
  /**
   * Declares arguments and options and sets the action. `finish` takes the exit code; without a call it is 0.
   * Heavy modules are imported inside the action, so that `--help` stays quick.
   */
  configure(command: Command, io: CliIo, finish: (exitCode: number) => void): void;
}

interface Surroundings {
  readonly io: CliIo;
  readonly finish: (exitCode: number) => void;
}

/** Declares a command below another one. */
export function addCommand(parent: Command, command: CliCommand, { io, finish }: Surroundings): void {
  const { name, summary } = command;
  const description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const child = parent.command(name).copyInheritedSettings(parent).summary(summary).description(description);
  command.configure(child, io, finish);
}
