import { coreErrors, EngineError } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { renderError } from './report-error.js';

const parts = { expected: 'an a', received: 'a b: boom', action: 'write a' };

function errorWithStack(message: string, frames: readonly string[]): Error {
  const error = new Error(message);
  error.stack = [`Error: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

describe('renderError', () => {
  it('shows a coded error without a stack', () => {
    const text = renderError(new EngineError('ENGINE_X', 'value', { ...parts, subject: 'a.b' }));
    expect(text).toBe('ENGINE_X  a.b\n  expected  an a\n  received  a b: boom\n  do        write a\n');
  });

  it('shows the frames of the user’s own files where the user is to blame', () => {
    const cause = errorWithStack('boom', [
      '/home/me/config.ts:3:7',
      'load (/x/node_modules/jiti/dist/jiti.cjs:1:1)',
      'node:internal/main',
    ]);
    const text = renderError(new EngineError('ENGINE_X', 'file', { ...parts, cause }));
    expect(text.split('\n').slice(4)).toEqual(['  cause     Error: boom', '    at /home/me/config.ts:3:7', '']);
  });

  it('leaves out a cause that only repeats the message', () => {
    const cause = errorWithStack('boom', ['parse (/x/node_modules/yaml/dist/index.js:1:1)']);
    const text = renderError(new EngineError('ENGINE_X', 'file', { ...parts, cause }));
    expect(text).not.toContain('cause');
  });

  it('shows everything of what made a run fail, and of what should not have happened', () => {
    const cause = errorWithStack('boom', ['step (/x/node_modules/@engine/optim/dist/index.js:1:1)']);
    expect(renderError(new EngineError('ENGINE_X', 'state', { ...parts, cause }))).toContain(
      `  cause     ${cause.stack}\n`,
    );
    expect(renderError(cause)).toBe(`${cause.stack}\n`);
    expect(renderError('text')).toBe('text\n');
  });

  it('does not repeat coded causes', () => {
    const cause = coreErrors.BACKEND_NOT_READY(parts);
    expect(renderError(new EngineError('ENGINE_X', 'state', { ...parts, cause }))).not.toContain('cause');
  });
});
