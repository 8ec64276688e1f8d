import { EngineError, type ErrorKind, type ErrorParts } from '@engine/core/plain';

/** An error as plain data, with its stack and causes. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: WireError | undefined;
  readonly code: string | undefined;
  readonly engine: { readonly kind: ErrorKind; readonly parts: ErrorParts } | undefined;
}

/** Causes deeper than this are left out. */
const DEEPEST = 8;

export function wireError(thrown: unknown, depth = 0): WireError {
  if (!(thrown instanceof Error)) {
    const message = String(thrown);
    return { name: 'Error', message, stack: undefined, cause: undefined, code: undefined, engine: undefined };
  }
  const { name, message, stack, cause } = thrown;
  return {
    name,
    message,
    stack,
    cause: cause === undefined || depth === DEEPEST ? undefined : wireError(cause, depth + 1),
    code: 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined,
    engine: isEngineError(thrown) ? { kind: thrown.kind, parts: partsOf(thrown) } : undefined,
  };
}

/** The error again; its stack is that of the thread that threw it. */
export function revivedError({ engine, cause: wired, ...rest }: WireError): Error {
  const cause = wired === undefined ? undefined : revivedError(wired);
  const error =
    engine === undefined
      ? new Error(rest.message, cause === undefined ? undefined : { cause })
      : new EngineError(rest.code as string, engine.kind, { ...engine.parts, ...(cause !== undefined && { cause }) });
  if (engine === undefined) {
    Object.defineProperty(error, 'name', { value: rest.name, configurable: true, writable: true });
    if (rest.code !== undefined) Object.defineProperty(error, 'code', { value: rest.code, enumerable: true });
  }
  if (rest.stack !== undefined)
    Object.defineProperty(error, 'stack', { value: rest.stack, configurable: true, writable: true });
  return error;
}

/** By shape: a module of the user may have brought its own copy of core. */
function isEngineError(error: Error): error is EngineError {
  return error.name === 'EngineError' && 'expected' in error && 'received' in error && 'action' in error;
}

function partsOf({ expected, received, action, subject, at }: EngineError): ErrorParts {
  return { expected, received, action, subject, at };
}
