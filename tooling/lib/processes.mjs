// Child processes of the root scripts.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What every child sees: no tool of ours reports to its makers. */
export const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', FORCE_COLOR: colour() };
if (environment.FORCE_COLOR === undefined) delete environment.FORCE_COLOR;

/** A child whose output we collect should still colour it for the terminal that it ends up on. */
function colour() {
  return process.env.FORCE_COLOR ?? (process.env.NO_COLOR === undefined && process.stdout.isTTY ? '1' : undefined);
}

const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** Runs a command with our own input and output; gives its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: environment, stdio: 'inherit', ...options });
    const stopForwarding = forwardSignals(child, options.detached === true);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      stopForwarding();
      resolve(exitCodeOf(code, signal));
    });
  });
}

/** Runs a command silently; gives its exit code and everything it printed. */
export async function capture(command, args, options = {}) {
  const chunks = [];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code: exitCodeOf(code, signal), output: Buffer.concat(chunks).toString() }),
    );
  });
}

export const node = (args, options) => run(process.execPath, args, options);

/**
 * Runs Node in a process group of its own. Ctrl-C reaches us up to twice (from the terminal and from npm); the child gets
 * it from nobody but us, once, so that it saves and leaves, and takes only a second Ctrl-C for impatience.
 */
export const runAlone = (args) => node(args, { detached: process.platform !== 'win32' });

const ONE_KEYSTROKE_MS = 300;

/** A child in our own process group hears the terminal's Ctrl-C itself: for its sake we only stay alive until it is done. */
function forwardSignals(child, alone) {
  const last = new Map();
  const send = (signal) => {
    const now = Date.now();
    const again = now - (last.get(signal) ?? 0) < ONE_KEYSTROKE_MS;
    last.set(signal, now);
    if (!again && (alone || signal !== 'SIGINT')) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(alone ? ['SIGWINCH'] : [])];
  for (const signal of signals) process.on(signal, send);
  return () => {
    for (const signal of signals) process.off(signal, send);
  };
}
