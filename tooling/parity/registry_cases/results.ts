/** Compares what a step gave with what the file expects, down to the first key that differs. */
import type { Current, Step } from './replay.js';

type Fields = Readonly<Record<string, unknown>>;

export function resultFault(step: Step, result: unknown): string | undefined {
  const expected = step.expect.result;
  switch (step.do) {
    case 'info':
      return differenceIn('', infoAsRecorded(expected as Fields, result as Fields), expected);
    case 'switch_scope':
      return currentFault('', result as Current, expected);
    case 'switch_nested':
      return nestedFault(result as readonly Current[], expected);
    default:
      return differenceIn('', result, expected);
  }
}

/** `names` has no order of its own, and `parent` was recorded as null throughout. */
function infoAsRecorded(expected: Fields, result: Fields): Fields {
  const order = Array.isArray(expected['names']) ? (expected['names'] as string[]) : [];
  const names = (result['names'] as string[]).toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return { ...result, names, ...(expected['parent'] === null && { parent: null }) };
}

/** A registry may be told by its id, its name or its scope; a default scope by its name. */
function currentFault(path: string, current: Current, expected: unknown): string | undefined {
  if (typeof expected !== 'object' || expected === null)
    return isCurrent(current, expected) ? undefined : differs(path, current, expected);
  if (Array.isArray(expected))
    return differenceIn(path, [current.defaultScope ?? null, current.scope].slice(0, expected.length), expected);
  for (const [key, value] of Object.entries(expected)) {
    const at = path === '' ? key : `${path}.${key}`;
    const isAbout = fieldsOf(current, key);
    if (isAbout === undefined) return `${at}: nothing here is called so`;
    if (!isAbout.includes(value)) return differs(at, isAbout[0], value);
  }
  return undefined;
}

function fieldsOf(current: Current, key: string): readonly unknown[] | undefined {
  if (/^(name|id)$/.test(key)) return [current[key as 'name' | 'id']];
  if (/^(registry|reg)$/.test(key))
    return [current.id, current.name, current.scope, `${current.scope}::${current.name}`];
  if (/^(default_?scope|current(_scope)?|scope_name)$/i.test(key)) return [current.defaultScope ?? null];
  return /^(scope|registry_scope)$/.test(key) ? [current.scope] : undefined;
}

function isCurrent(current: Current, expected: unknown): boolean {
  return [current.scope, current.id, current.defaultScope ?? null].includes(expected as string | null);
}

/** The scopes in the order in which they are entered, and, where recorded, left again. */
function nestedFault(trace: readonly Current[], expected: unknown): string | undefined {
  const wanted = Array.isArray(expected) ? expected : Object.values(expected as object);
  for (const [index, item] of wanted.entries()) {
    const current = trace[index];
    if (current === undefined) return `${index}: expected ${JSON.stringify(item)} after everything was left`;
    const fault = currentFault(String(index), current, item);
    if (fault !== undefined) return fault;
  }
  return wanted.length < 2 ? 'expected at least two scopes' : undefined;
}

function differenceIn(path: string, got: unknown, want: unknown): string | undefined {
  const areObjects = typeof got === 'object' && got !== null && typeof want === 'object' && want !== null;
  if (!areObjects || Array.isArray(got) !== Array.isArray(want))
    return got === want ? undefined : differs(path, got, want);
  for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
    const fault = differenceIn(path === '' ? key : `${path}.${key}`, (got as Fields)[key], (want as Fields)[key]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function differs(path: string, got: unknown, want: unknown): string {
  return `${path === '' ? 'result' : path}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`;
}
