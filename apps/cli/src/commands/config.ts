import { addCommand, type CliCommand } from '../command.js';
import { listCommands } from '../list-commands.js';

const subcommands = await listCommands(new URL('./config/', import.meta.url));

/** `engine config SUBCOMMAND`: each is a file of the folder `config/`. */
export const command: CliCommand = {
  name: 'config',
  summary: 'look at a config',
  configure(parent, io, finish) {
    for (const subcommand of subcommands) addCommand(parent, subcommand, { io, finish });
  },
};
