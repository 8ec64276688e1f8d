import { EngineError } from '@engine/core/plain';
import { Command, CommanderError } from 'commander';
import { addCommands } from './command.js';
import { type CliIo, exitCodes } from './io.js';
import { renderError } from './report-error.js';
import { engineVersion } from './version.js';

/** Options after which an argument is taken for their value. */
const GREEDY: ReadonlySet<string> = new Set(['--resume', '--cfg-options']);

/** Runs one command line and resolves with the exit code; prints errors itself and throws none. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command('engine')
    .description('Trains, tests and inspects models from a config file.')
    .version(engineVersion, '-v, --version')
    .showHelpAfterError('(add --help for the options)')
    .showSuggestionAfterError();
  quiet(program, io);
  const finish = (code: number) => {
    exitCode = code;
  };
  await addCommands(program, { words: args }, { io, finish });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, args, io);
  }
}

function quiet(command: Command, io: CliIo): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
  });
}

function report(error: unknown, args: readonly string[], io: CliIo): number {
  // commander has already printed its message; help and version come as errors with exit code 0
  if (error instanceof CommanderError) {
    const swallowed = error.code === 'commander.missingArgument' && args.find((arg) => GREEDY.has(arg));
    if (swallowed) io.stderr.write(`(write it before ${swallowed}, which takes what follows it)\n`);
    return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  }
  io.stderr.write(renderError(error));
  return error instanceof EngineError ? error.exitCode : exitCodes.failed;
}
