import { runCli } from './cli.js';
import { processIo } from './io.js';

// `engine train ... | head`: when whoever reads goes away, the run goes on and its log file has the rest.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCli(process.argv.slice(2), processIo());
