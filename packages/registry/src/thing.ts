import type { Kind } from '@engine/core';
import * as z from 'zod/mini';

const kinds = new WeakMap<object, Kind>();

/**
 * The schema of an option that takes something of a kind: a config, a built object, or a list of these where the option says so. Whoever
 * creates the thing builds it with `ctx.build`; the kind is here for tools, which check and complete what stands below.
 */
export function thing(kind: Kind): z.ZodMiniCustom<unknown, unknown> {
  const schema = z.custom<unknown>(
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
  );
  kinds.set(schema, kind);
  return schema;
}

/** The kind that {@link thing} was given. */
export function kindOfSchema(schema: object): Kind | undefined {
  return kinds.get(schema);
}
