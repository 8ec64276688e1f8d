import type { SourceLocation } from '@engine/core';
import { configErrors } from './errors.js';

/** Levels of nesting that no config has; what goes deeper is a mistake or an attack. */
export const MAX_DEPTH = 200;

/** @throws `ENGINE_CONFIG_TOO_DEEP` */
export function requireDepth(depth: number, at: SourceLocation | undefined): void {
  if (depth > MAX_DEPTH) throw tooDeep(at);
}

export function tooDeep(at: SourceLocation | undefined, cause?: unknown): Error {
  return configErrors.TOO_DEEP({
    expected: `at most ${MAX_DEPTH} levels of nesting`,
    received: 'a value below more levels than that, or one that contains itself',
    action: 'write the config flatter',
    at,
    cause,
  });
}
