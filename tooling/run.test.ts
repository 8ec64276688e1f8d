import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const tooling = dirname(fileURLToPath(import.meta.url));

function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe('run.mjs', () => {
  it('lists its tasks for one that does not exist', async () => {
    const { code, output } = await node([join(tooling, 'run.mjs'), 'trian']);
    expect(code).toBe(2);
    expect(output).toContain('tasks: start, test, build, check');
  });

  it('says which Node it needs on one that is too old', async () => {
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });`;
    const { code, output } = await node([
      '--import',
      `data:text/javascript,${encodeURIComponent(old)}`,
      join(tooling, 'run.mjs'),
      'build',
    ]);
    expect(code).toBe(1);
    expect(output).toContain('needs Node 20.19 or newer');
  });
});

describe('the guard', () => {
  it.each([
    ['npm/11.0.0 node/v20', 1],
    ['', 1],
    ['pnpm/12.21.0 npm/? node/v20', 0],
  ])('lets %j install: exit code %d', async (agent, code) => {
    const result = await node([join(tooling, 'guard.mjs')], { npm_config_user_agent: agent });
    expect(result.code).toBe(code);
    expect(result.output.includes('npm start')).toBe(code === 1);
  });
});

/** A parent that runs `child` by `runAlone` and prints what came of it, as `npm start` does with the training. */
function startAlone(child: string): ChildProcess {
  const parent = `
    import { runAlone } from ${JSON.stringify(join(tooling, 'lib/processes.mjs'))};
    process.exitCode = await runAlone(['-e', ${JSON.stringify(child)}]);
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
}

const COUNTS_SIGNALS = `
  let heard = 0;
  process.on('SIGINT', () => { heard++; setTimeout(() => { console.log('heard ' + heard); process.exit(130); }, 200); });
  process.on('SIGTERM', () => process.exit(143));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

async function interrupt(
  send: (parent: ChildProcess) => void,
  child = COUNTS_SIGNALS,
): Promise<{ code: number | null; output: string }> {
  const parent = startAlone(child);
  let output = '';
  return new Promise((resolve) => {
    parent.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith('ready\n')) send(parent);
    });
    parent.on('close', (code) => resolve({ code, output }));
  });
}

describe('a child that is told to stop', () => {
  it('hears one Ctrl-C once, however often it reaches us, and its exit code is ours', async () => {
    const result = await interrupt((parent) => {
      parent.kill('SIGINT');
      setTimeout(() => parent.kill('SIGINT'), 30);
    });
    expect(result).toEqual({ code: 130, output: 'ready\nheard 1\n' });
  });

  it('is told of SIGTERM too', async () => {
    expect(await interrupt((parent) => parent.kill('SIGTERM'))).toEqual({ code: 143, output: 'ready\n' });
  });

  it('that dies of a signal gives 128 and its number', async () => {
    const dies = `console.log('ready'); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);`;
    expect((await interrupt(() => {}, dies)).code).toBe(137);
  });
});
