import type { Command } from 'commander';
import type { CliIo } from './io.js';
import { listCommands } from './list-commands.js';

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
  configure?(command: Command, io: CliIo, finish: (exitCode: number) => void): void;
  /** The folder of the commands below this one. */
  readonly subcommands?: URL;
}

interface Surroundings {
  readonly io: CliIo;
  readonly finish: (exitCode: number) => void;
}

/**
 * Declares the commands of a folder below a parent: the one that the first of the words names, or all, when it names none.
 */
export async function addCommands(
  parent: Command,
  { folder, words }: { readonly folder?: URL; readonly words: readonly string[] },
  around: Surroundings,
): Promise<void> {
  const [wanted, ...rest] = words;
  for (const command of await listCommands(folder, wanted)) {
    const child = addCommand(parent, command, around);
    if (command.subcommands !== undefined)
      await addCommands(child, { folder: command.subcommands, words: rest }, around);
  }
}

function addCommand(parent: Command, command: CliCommand, { io, finish }: Surroundings): Command {
  const { name, summary } = command;
  const description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const child = parent.command(name).copyInheritedSettings(parent).summary(summary).description(description);
  command.configure?.(child, io, finish);
  return child;
}
