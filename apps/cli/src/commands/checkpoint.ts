import type { CliCommand } from '../command.js';

/** `engine checkpoint SUBCOMMAND`: each is a file of the folder `checkpoint/`. */
export const command: CliCommand = {
  name: 'checkpoint',
  summary: 'show, compare, publish, average and convert checkpoints',
  subcommands: new URL('./checkpoint/', import.meta.url),
};
