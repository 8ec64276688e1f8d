import { evaluatorErrors } from './errors.js';

const FLOAT = '$float';
const BIGINT = '$bigint';

/** Plain data as bytes, exactly: numbers that JSON lacks (NaN, infinities, -0, bigints) survive. @throws `ENGINE_EVALUATOR_NOT_SERIALIZABLE` */
export function encode(value: unknown, subject: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(toJson(value, { subject, path: '' })));
}

/** The inverse of {@link encode}. */
export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (FLOAT in value) return Number(value[FLOAT]);
    return BIGINT in value ? BigInt(value[BIGINT] as string) : value;
  });
}

function toJson(value: unknown, at: { readonly subject: string; readonly path: string }): unknown {
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [FLOAT]: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value === 'bigint') return { [BIGINT]: String(value) };
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return Array.from(value, (item, i) => toJson(item, { ...at, path: `${at.path}[${i}]` }));
  if (typeof value === 'object' && isPlain(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, toJson(item, { ...at, path: `${at.path}.${key}` })]),
    );
  }
  throw evaluatorErrors.NOT_SERIALIZABLE({
    subject: at.subject,
    expected: 'numbers, bigints, strings, booleans, null, lists and plain objects',
    received: `${at.path.replace(/^\./, '')} is ${typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value}`,
    action: 'read tensors back and turn typed arrays into lists (Array.from) before keeping them as results',
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
