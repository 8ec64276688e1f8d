import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `train` and `test` have in common. */
export interface RunFlags {
  readonly workDir?: string;
  readonly cfgOptions?: readonly string[];
  readonly backend?: string;
}

/** `--cfg-options k=v ...`, the same wherever a config is read. */
export function cfgOptionsFlag(command: Command): Command {
  return command.option(
    '--cfg-options <key=value...>',
    'override values: optimWrapper.optimizer.lr=0.01 customHooks.0.interval=5',
  );
}

/** The config and the options that every command with a run takes. */
export function runFlags(command: Command): Command {
  command
    .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
    .option(
      '--work-dir <dir>',
      "folder of logs and checkpoints (default: the config's workDir, else work_dirs/<name of the config>)",
    )
    .option(
      '--backend <name>',
      "run on another backend than the config's: wasm, cpu, or one whose package is installed",
    );
  return cfgOptionsFlag(command);
}

/** `--split train`, which of a config's data. */
export function splitFlag(command: Command): Command {
  const split = new Option('--split <name>', 'which data').choices(['train', 'val', 'test']).default('train');
  return command.addOption(split);
}

/** A count above 0. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
