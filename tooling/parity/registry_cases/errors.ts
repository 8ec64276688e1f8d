/** Python's exceptions of registry cases and the errors here that stand for them. */
import { EngineError } from '@engine/core';
import { Anger } from './components.js';

/** An argument that the compiler refuses here and Python refuses when it runs; the adapter stands in for the compiler. */
export class RefusedByCompiler extends Error {
  constructor(
    readonly python: string,
    message: string,
  ) {
    super(message);
  }
}

const codes: Readonly<Record<string, readonly string[]>> = {
  KeyError: ['DUPLICATE', 'MISSING_TYPE', 'UNKNOWN_NAME'],
  TypeError: ['NOT_AN_ENTRY', 'BAD_CONFIG', 'UNKNOWN_OPTION', 'MISSING_OPTION'],
  AssertionError: ['DUPLICATE_SCOPE'],
};

export interface ExpectedError {
  readonly type: string;
  readonly message?: string;
  readonly mentions?: readonly string[];
}

/** Why an error is not the expected one; undefined when it is. */
export function errorFault(error: unknown, expected: ExpectedError): string | undefined {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  if (!isOfType(error, expected)) return `expected ${expected.type}, got ${describe(error)}`;
  const silent = (expected.mentions ?? []).find((mention) => !error.message.includes(mention));
  return silent === undefined ? undefined : `the error does not mention ${silent}: ${describe(error)}`;
}

function isOfType(error: Error, { type, message = '' }: ExpectedError): boolean {
  if (error instanceof RefusedByCompiler) return error.python === type;
  if (error instanceof Anger) return message.includes(error.message);
  if (!(error instanceof EngineError)) return false;
  return (codes[type] ?? []).some((code) => error.code === `ENGINE_REGISTRY_${code}`);
}

export function describe(error: unknown): string {
  if (error instanceof EngineError) return `${error.code} (${error.expected}; ${error.received})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
