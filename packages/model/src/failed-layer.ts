import { EngineError } from '@engine/core';
import { layerName } from './check-input.js';
import { modelErrors } from './errors.js';
import type { Module } from './module.js';

/** Errors that name a layer already; layers further out leave them alone. */
const located = new WeakSet<object>();

/** What backends say of an op that they could not run. */
const OF_OPS = /_(?:NO_KERNEL|OUT_OF_MEMORY|OP_FAILED)$/;
const UNKNOWN_KERNEL = /^Kernel '(\w+)' not registered for backend '(\w+)'/;

/** An error of an op, with the innermost layer that ran it; other errors as they are. */
export function failedIn(layer: Module, error: unknown): unknown {
  if (!(error instanceof Error) || located.has(error)) return error;
  const named = withLayer(layer, error);
  if (named !== error) located.add(named);
  return named;
}

function withLayer(layer: Module, error: Error): Error {
  if (error instanceof EngineError) {
    if (!OF_OPS.test(error.code)) return error;
    const { code, kind, expected, received, action, subject } = error;
    return new EngineError(code, kind, {
      ...{ expected, received, action },
      subject: `${layerName(layer)}: ${subject ?? 'an op'}`,
      cause: error,
    });
  }
  const [, kernel, backend] = UNKNOWN_KERNEL.exec(error.message) ?? [];
  if (kernel === undefined) return error;
  return modelErrors.NO_KERNEL({
    subject: layerName(layer),
    expected: `a kernel ${kernel} on backend ${backend}`,
    received: 'none',
    action: 'run on another backend, or write the layer with other ops',
    cause: error,
  });
}
