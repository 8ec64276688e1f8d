import type { CliCommand } from '../command.js';

/** `engine dataset SUBCOMMAND`: each is a file of the folder `dataset/`. */
export const command: CliCommand = {
  name: 'dataset',
  summary: 'look into the data of a config',
  subcommands: new URL('./dataset/', import.meta.url),
};
