// Every root script: `node tooling/run.mjs TASK [ARGS]`. Plain Node without dependencies, because it runs before any is
// installed; it installs and builds what is stale, then hands over to the task and exits as that does.
import { build, buildJavaScript } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { node, runAlone } from './lib/processes.mjs';

const TYPESCRIPT = ['--import', './tooling/lib/typescript.mjs'];

const tasks = {
  start: async (args) => {
    await buildJavaScript();
    return runAlone(['apps/cli/bin/engine.mjs', 'train', 'apps/examples/mnist/config.ts', ...args]);
  },
  test: async (args) => {
    await build();
    return node(['node_modules/vitest/vitest.mjs', 'run', ...args]);
  },
  build: async () => {
    await build();
    return 0;
  },
  check: (args) => node(['tooling/check/harness/main.mjs', ...args]),
  docs: () => node(['tooling/check/harness/main.mjs', '--update', 'errors', 'features']),
  bench: async (args) => {
    await buildJavaScript();
    return node(['--expose-gc', ...TYPESCRIPT, 'tooling/bench/harness/main.ts', ...args]);
  },
  parity: async (args) => {
    await buildJavaScript();
    return node([...TYPESCRIPT, 'tooling/parity/harness/main.ts', ...args]);
  },
  chaos: async (args) => {
    await buildJavaScript();
    return runAlone([...TYPESCRIPT, 'tooling/chaos/main.ts', ...args]);
  },
};

async function main([name, ...args]) {
  if (!Object.hasOwn(tasks, name ?? '')) {
    console.error(`usage: npm run TASK -- [ARGS]\ntasks: ${Object.keys(tasks).join(', ')}`);
    return 2;
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`The engine needs Node 20.19 or newer; this is ${process.version} (${process.execPath}).`);
    return 1;
  }
  await install();
  return tasks[name](args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.summary ?? error);
  process.exitCode = error.exitCode ?? 1;
}
