import type { SourceLocation } from '@engine/core';
import { configErrors } from './errors.js';
import type { Positions } from './tree.js';

/** What a parser of a text format gives: plain data and where its values stand. */
export interface ParsedText {
  readonly data: unknown;
  readonly positions: Positions;
}

export function syntaxError(
  expected: string,
  received: string,
  where: { readonly at: SourceLocation; readonly cause?: unknown },
): Error {
  return configErrors.SYNTAX({ expected, received, action: 'correct the file at this place', ...where });
}
