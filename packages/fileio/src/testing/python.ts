import { execFileSync } from 'node:child_process';

/** Runs Python code with arguments and gives what it prints. */
export type Python = (code: string, ...args: readonly string[]) => string;

/**
 * The Python that the environment variable `ENGINE_PYTHON` names, or `python3`, if it can import `modules`; undefined where it cannot,
 * so that a comparison with programs in Python is skipped there.
 */
export function pythonWith(...modules: readonly string[]): Python | undefined {
  const program = process.env['ENGINE_PYTHON'] ?? 'python3';
  const run: Python = (code, ...args) =>
    execFileSync(program, ['-c', code, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    run(`import ${modules.join(', ')}`);
    return run;
  } catch {
    return undefined;
  }
}
