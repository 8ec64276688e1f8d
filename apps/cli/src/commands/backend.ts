import { addCommand, type CliCommand } from '../command.js';
import { listCommands } from '../list-commands.js';

const subcommands = await listCommands(new URL('./backend/', import.meta.url));

/** `engine backend SUBCOMMAND`: each is a file of the folder `backend/`. */
export const command: CliCommand = {
  name: 'backend',
  summary: 'install, list, remove and check the libraries of the native backends',
  configure(parent, io, finish) {
    for (const subcommand of subcommands) addCommand(parent, subcommand, { io, finish });
  },
};
