import { join } from 'node:path';
import { capture, root } from '../../lib/processes.mjs';

/** A check that is nothing but a command: its output is the problem when it fails. */
export async function tool(name, args, options = {}) {
  const { code, output } = await capture(join(options.bin ?? join(root, 'node_modules/.bin'), name), args, {
    shell: process.platform === 'win32',
  });
  return code === 0 ? [] : [output.trim() === '' ? `${name} exited with ${code}` : output.trim()];
}

/** Where the executables of the tooling package are. */
export const toolingBin = join(root, 'tooling/node_modules/.bin');
