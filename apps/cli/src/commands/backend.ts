import type { CliCommand } from '../command.js';

/** `engine backend SUBCOMMAND`: each is a file of the folder `backend/`. */
export const command: CliCommand = {
  name: 'backend',
  summary: 'install, list, remove and check the libraries of the native backends',
  subcommands: new URL('./backend/', import.meta.url),
};
