/** What golden files of PyTorch and MMEngine call by Python's names. */
import { EngineError } from '@engine/core';
import type { ReplayResult } from '../harness/area.js';

export type Fields = Readonly<Record<string, unknown>>;

/** How PyTorch runs an update, not what it computes. */
const SPEED_ONLY = new Set(['foreach', 'fused', 'capturable', 'differentiable']);

export const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Options under our names, deeply; keys of `custom_keys` are the user's and stay. */
export function optionsOf(args: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args)
      .filter(([name]) => !SPEED_ONLY.has(name))
      .map(([name, value]) => [camel(name), value]),
  );
}

/** Python's exception classes and the kinds of our errors that stand for them. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  ValueError: ['value'],
  KeyError: ['key'],
  TypeError: ['type'],
  AssertionError: ['value', 'type', 'state'],
  RuntimeError: ['state', 'value'],
};

/** Whether an action is refused with an error of the kind that Python raises. */
export async function refusal(
  id: string,
  type: string,
  action: () => unknown,
  allowed: readonly string[] = kinds[type] ?? [],
): Promise<ReplayResult> {
  try {
    await action();
  } catch (error) {
    if (error instanceof EngineError && allowed.includes(error.kind)) return { id, ok: true };
    return { id, ok: false, error: `expected an error like ${type}, got ${lineOf(error)}` };
  }
  return { id, ok: false, error: `expected an error like ${type}, got none` };
}

/** The result of a replay; an exception is one that fails. */
export async function resultOf(id: string, replay: () => Promise<ReplayResult>): Promise<ReplayResult> {
  try {
    return await replay();
  } catch (error) {
    return { id, ok: false, error: lineOf(error) };
  }
}

function lineOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n').join(' ')}` : String(error);
}
