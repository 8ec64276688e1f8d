import type { CliCommand } from '../command.js';

/** `engine config SUBCOMMAND`: each is a file of the folder `config/`. */
export const command: CliCommand = {
  name: 'config',
  summary: 'look at a config',
  subcommands: new URL('./config/', import.meta.url),
};
