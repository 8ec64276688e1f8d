/** A config of MMCV 1.x while it is being turned into one of today. */
import type { Analysis, Draft } from '../analyse.js';
import { type Code, literalOf, objectCode, type Property, property, propertyOf, structureOf } from '../code.js';

export class OldConfig {
  readonly analysis: Analysis;
  /** True when it extends others: then only what it says itself is said in the new one. */
  readonly isPatch: boolean;
  readonly #done = new Set<string>();
  readonly #sections = new Map<string, Property[]>();
  readonly #values = new Map<string, Code>();
  readonly #places = new Map<string, Draft>();

  constructor(analysis: Analysis) {
    this.analysis = analysis;
    this.isPatch = analysis.bases.length > 0;
  }

  /** Takes a variable of the old config: it will not be in the new one under its name. */
  take(name: string): Code | undefined {
    const draft = this.#draft(name);
    if (draft === undefined) return undefined;
    this.#done.add(name);
    return draft.code;
  }

  /** What the file itself says of a variable, without taking it. */
  ownCode(name: string): Code | undefined {
    return this.#draft(name)?.code;
  }

  has(name: string): boolean {
    return this.#draft(name) !== undefined;
  }

  #draft(name: string): Draft | undefined {
    return this.analysis.drafts.find((draft) => draft.name === name && draft.code !== undefined);
  }

  /** A variable with what the bases have of it. */
  whole(name: string): Code | undefined {
    return wholeOf(this.analysis, name);
  }

  warn(name: string, message: string): void {
    const node = this.#draft(name)?.node ?? { start: 0 };
    this.analysis.warnings.push({ message, at: this.analysis.module.source.locate(node.start) });
  }

  /** Puts a key into a section of the new config; `from` is the old variable whose place it takes. */
  put(section: string, key: string, value: Code | undefined, from: string): void {
    if (value === undefined) return;
    const properties = this.#sections.get(section) ?? [];
    const at = properties.findIndex((each) => each.key === key);
    this.#sections.set(section, properties.toSpliced(at < 0 ? properties.length : at, 1, property(key, value)));
    this.#keepPlace(section, from);
  }

  /** As `put`, one level deeper. */
  putBelow(section: string, key: string, inner: { readonly key: string; readonly value: Code }, from: string): void {
    const before = this.#sections.get(section)?.find((each) => each.key === key)?.value;
    const kept = before?.kind === 'object' ? before.properties : [];
    this.put(section, key, objectCode([...kept, property(inner.key, inner.value)]), from);
  }

  /** Makes a section of the new config whole. */
  set(section: string, value: Code | undefined, from: string): void {
    if (value === undefined) return;
    this.#values.set(section, value);
    this.#keepPlace(section, from);
  }

  #keepPlace(section: string, from: string): void {
    const draft = this.#draft(from);
    if (draft !== undefined && !this.#places.has(section)) this.#places.set(section, draft);
  }

  /** The new config: each section where the first variable that it is made of stood. */
  result(): Analysis {
    const made = new Map<string, Code>(this.#values);
    for (const [section, properties] of this.#sections) {
      const before = made.get(section);
      const kept = before?.kind === 'object' ? before.properties : [];
      made.set(section, objectCode([...kept, ...properties]));
    }
    const drafts = this.analysis.drafts.flatMap((draft): Draft[] => {
      const sections = [...this.#places].flatMap(([section, place]) => {
        const code = made.get(section);
        return place === draft && code !== undefined ? [[section, code] as const] : [];
      });
      const own = this.#done.has(draft.name) ? [] : [draft];
      return [
        ...own,
        ...sections.map(([name, code], i) => ({
          name,
          code,
          node: draft.node,
          lead: i === 0 && own.length === 0 ? draft.lead : [],
          trail: i === 0 && own.length === 0 ? draft.trail : undefined,
        })),
      ];
    });
    return { ...this.analysis, drafts };
  }
}

function wholeOf(analysis: Analysis, name: string): Code | undefined {
  const own = analysis.drafts.find((draft) => draft.name === name)?.code;
  const above = analysis.bases
    .flatMap((base) => (base.analysis === undefined ? [] : (wholeOf(base.analysis, name) ?? [])))
    .at(-1);
  return own === undefined ? above : merged(above, own);
}

function merged(base: Code | undefined, own: Code): Code {
  const [below, above] = [base && structureOf(base), structureOf(own)];
  if (below?.kind !== 'object' || above.kind !== 'object' || literalOf(propertyOf(above, '_delete_')) === true)
    return own;
  const kept = below.properties.filter(({ key }) => !above.properties.some((each) => each.key === key));
  return objectCode([
    ...kept,
    ...above.properties.map((each) => ({
      ...each,
      value: merged(below.properties.find(({ key }) => key === each.key)?.value, each.value),
    })),
  ]);
}

/** The properties of an object, by key; those of a variable that stands for one too. */
export function fields(code: Code | undefined): ReadonlyMap<string, Code> {
  const object = code === undefined ? undefined : structureOf(code);
  if (object?.kind !== 'object') return new Map();
  return new Map(object.properties.flatMap(({ key, value }) => (key === undefined ? [] : [[key, value] as const])));
}

/** An object without some of its keys. */
export function without(code: Code, ...keys: readonly string[]): Code {
  return code.kind === 'object'
    ? objectCode(
        code.properties.filter(({ key }) => key === undefined || !keys.includes(key)),
        code.tail,
      )
    : code;
}

/** An object with some keys called otherwise. */
export function renamed(code: Code, names: Readonly<Record<string, string>>): Code {
  if (code.kind !== 'object') return code;
  return objectCode(
    code.properties.map((each) =>
      each.key !== undefined && Object.hasOwn(names, each.key) ? { ...each, key: names[each.key] } : each,
    ),
    code.tail,
  );
}
