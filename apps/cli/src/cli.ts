import { readdir } from 'node:fs/promises';
import { EngineError } from '@engine/core';
import { Command, CommanderError } from 'commander';
import type { CliCommand } from './command.js';
import { type CliIo, exitCodes } from './io.js';
import { engineVersion } from './version.js';

/** Runs one command line and resolves with the exit code; prints errors itself and throws none. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command('engine')
    .description('Trains, tests and inspects models from a config file.')
    .version(engineVersion, '-v, --version')
    .showHelpAfterError('(add --help for the options)')
    .showSuggestionAfterError();
  quiet(program, io);
  for (const command of await listCommands()) {
    const child = quiet(program.command(command.name).summary(command.summary).description(command.summary), io);
    command.configure(child, io, (code) => {
      exitCode = code;
    });
  }
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, io);
  }
}

/** The commands, by listing their folder. */
export async function listCommands(): Promise<CliCommand[]> {
  const folder = new URL('./commands/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => /^[a-z-]+\.(js|ts)$/.test(name)).sort();
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, folder).href) as Promise<{ command: CliCommand }>),
  );
  return modules.map(({ command }) => command);
}

function quiet(command: Command, io: CliIo): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
  });
}

function report(error: unknown, io: CliIo): number {
  // commander has already printed its message; help and version come as errors with exit code 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  if (error instanceof EngineError) {
    io.stderr.write(`${error.message}\n${causeOf(error)}`);
    return error.exitCode;
  }
  io.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}

function causeOf({ cause }: EngineError): string {
  if (cause === undefined || cause instanceof EngineError) return '';
  return `  cause     ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`;
}
