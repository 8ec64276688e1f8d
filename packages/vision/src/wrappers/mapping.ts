import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';

/** Where a value lies outside: a key; '...' for nowhere; or lists and objects of such. */
export type Places = string | readonly Places[] | { readonly [key: string]: Places };
export type Mapping = Readonly<Record<string, Places>>;

const places: z.ZodMiniType<Places> = z.lazy(() =>
  z.union([z.string(), z.array(places), z.record(z.string(), places)]),
);

export const mappingOptions = {
  mapping: z.optional(z.record(z.string(), places)),
  remapping: z.optional(z.record(z.string(), places)),
  autoRemap: z._default(z.boolean(), false),
  allowNonexistKeys: z._default(z.boolean(), false),
};

/** How the keys inside a wrapper and those outside belong together. */
export interface MappingInit {
  /** For each key inside, where its value lies outside. Default: as outside. */
  readonly mapping?: Mapping | undefined;
  /** For each key inside, where its value goes outside; others are not passed on. Default: all, under their names. */
  readonly remapping?: Mapping | undefined;
  /** Back to where they came from: `remapping` is `mapping` (default false). */
  readonly autoRemap?: boolean;
  /** Let keys be missing outside (default false). */
  readonly allowNonexistKeys?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
const NOWHERE = '...';

/** Maps the keys of a sample into a wrapper and back. @throws `ENGINE_VISION_OPTION_CONFLICT` when made */
export class KeyMap {
  readonly mapping: Mapping | undefined;
  readonly #remapping: Mapping | undefined;
  readonly #mayLack: boolean;
  readonly #name: string;

  constructor(name: string, { mapping, remapping, autoRemap = false, allowNonexistKeys = false }: MappingInit) {
    if (autoRemap && remapping !== undefined) {
      throw visionErrors.OPTION_CONFLICT({
        subject: name,
        expected: 'remapping or autoRemap, not both',
        received: `autoRemap = true and remapping = ${JSON.stringify(remapping)}`,
        action: 'leave one of them out',
      });
    }
    this.#name = name;
    this.mapping = mapping;
    this.#remapping = autoRemap ? mapping : remapping;
    this.#mayLack = allowNonexistKeys;
  }

  /** The sample, with what the mapping finds. @throws `ENGINE_VISION_MAPPED_KEY` */
  in(sample: Fields): Record<string, unknown> {
    const out: Record<string, unknown> = { ...sample };
    for (const [key, from] of Object.entries(this.mapping ?? {})) {
      const value = this.#find(sample, from);
      if (value !== undefined) out[key] = value;
    }
    return out;
  }

  #find(sample: Fields, from: Places): unknown {
    if (typeof from === 'string') {
      if (from === NOWHERE || sample[from] !== undefined) return from === NOWHERE ? undefined : sample[from];
      if (this.#mayLack) return undefined;
      throw this.#missing(from, sample);
    }
    if (isList(from)) return from.map((each) => this.#find(sample, each)).filter((value) => value !== undefined);
    const found = Object.entries(from).map(([key, each]) => [key, this.#find(sample, each)] as const);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined));
  }

  /** The sample with what came out of the wrapper. @throws `ENGINE_VISION_MAPPED_KEY` */
  out(sample: Fields, result: Fields): Record<string, unknown> {
    if (this.#remapping === undefined) return { ...sample, ...result };
    const out = { ...sample };
    this.#put(result, this.#remapping, out);
    return out;
  }

  #put(value: unknown, to: Places, into: Record<string, unknown>): void {
    if (typeof to === 'string') {
      if (to !== NOWHERE) into[to] = value;
    } else if (isList(to))
      for (const [i, each] of to.entries()) this.#put((value as readonly unknown[])[i], each, into);
    else
      for (const [key, each] of Object.entries(to)) {
        const inner = (value as Fields | undefined)?.[key];
        if (inner !== undefined) this.#put(inner, each, into);
        else if (!this.#mayLack && each !== NOWHERE) throw this.#missing(key, (value ?? {}) as Fields);
      }
  }

  #missing(key: string, sample: Fields): Error {
    return visionErrors.MAPPED_KEY({
      subject: this.#name,
      expected: `a value under ${key}, which mapping or remapping names`,
      received: `keys ${Object.keys(sample).join(', ') || '(none)'}`,
      action: "correct the mapping, write '...' for what is not to be mapped, or set allowNonexistKeys: true",
    });
  }
}

const isList = (value: Places): value is readonly Places[] => Array.isArray(value);
