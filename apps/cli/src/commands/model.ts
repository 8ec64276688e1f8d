import type { CliCommand } from '../command.js';

/** `engine model SUBCOMMAND`: each is a file of the folder `model/`. */
export const command: CliCommand = {
  name: 'model',
  summary: 'look into the model of a config',
  subcommands: new URL('./model/', import.meta.url),
};
