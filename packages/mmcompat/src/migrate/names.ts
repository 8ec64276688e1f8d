/** The names that an expression may use, and what migrating knows of each. */
import { toCamelCase } from '@engine/registry';
import { ROOT_PACKAGES } from '../config/packages.js';
import type { Attribute, Module, Spanned } from '../syntax/index.js';
import type { Base } from './base.js';
import { alias, type Code, literalCode, propertyOf, structureOf, textCode, typeOf } from './code.js';
import type { Comments } from './comments.js';
import type { Spelling } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

export interface NamesInit {
  readonly module: Module;
  readonly comments: Comments;
  readonly spelling: Spelling;
  readonly bases: readonly Base[];
  /** New style: names of the bases are names of the file. */
  readonly isLazy: boolean;
  readonly warn: (message: string, node: Spanned) => void;
}

/** `mmdet.models.RetinaNet` → `mmdet.RetinaNet`, `torch.optim.SGD` → `SGD`: a type as a config here names it. */
export function nameOfImport(path: string): string {
  const parts = path.split('.');
  const [root = ''] = parts;
  const name = parts.at(-1) ?? path;
  return ROOT_PACKAGES.has(root) || parts.length === 1 ? name : `${root}.${name}`;
}

export class Names {
  readonly #init: NamesInit;
  readonly #local: Map<string, Code>;
  readonly #imports: Map<string, string>;
  /** Variables of the file that something after them reads. */
  readonly used: Set<string>;
  /** Comments that stood by the assignment of `_base_`. */
  readonly baseComments: string[] = [];

  constructor(init: NamesInit, from?: Names) {
    this.#init = init;
    this.#local = new Map(from === undefined ? [] : from.#local);
    this.#imports = from === undefined ? new Map() : from.#imports;
    this.used = from?.used ?? new Set();
  }

  get spelling(): Spelling {
    return this.#init.spelling;
  }
  get comments(): Comments {
    return this.#init.comments;
  }
  get bases(): readonly Base[] {
    return this.#init.bases;
  }
  get module(): Module {
    return this.#init.module;
  }

  warn(message: string, node: Spanned): void {
    this.#init.warn(message, node);
  }

  /** The Python code of a node. */
  textOf(node: Spanned): string {
    return this.module.source.text.slice(node.start, node.end);
  }

  define(name: string, code: Code): void {
    this.#local.set(name, alias(this.variable(name), code));
  }

  forget(name: string): void {
    this.#local.delete(name);
  }

  defineImport(name: string, path: string): void {
    this.#imports.set(name, path);
  }

  has(name: string): boolean {
    return this.#local.has(name) || this.#imports.has(name);
  }

  /** These names and those of a loop. */
  inner(bindings: readonly (readonly [string, Code])[]): Names {
    const names = new Names(this.#init, this);
    for (const [name, code] of bindings) names.#local.set(name, code);
    return names;
  }

  /** The variable of TypeScript that a variable of the file becomes. */
  variable(name: string): string {
    return this.identifier(this.spelling.section(name) ?? name);
  }

  identifier(name: string): string {
    return RESERVED.has(name) || this.bases.some((base) => base.identifier === name) ? `${name}_` : name;
  }

  read(name: string, node: Spanned): Code {
    const path = this.#imports.get(name);
    if (path !== undefined) return literalCode(nameOfImport(path));
    const local = this.#local.get(name);
    if (local !== undefined) {
      this.used.add(name);
      return local;
    }
    if (this.#init.isLazy) return this.fromBase([name], node);
    throw new Untranslatable(node, `the name ${name}`);
  }

  /** `nn.GELU`, where `nn` is imported. */
  imported(node: Attribute): Code | undefined {
    const path = this.#pathOf(node);
    return path === undefined ? undefined : literalCode(nameOfImport(path));
  }

  #pathOf(node: Attribute): string | undefined {
    const { value } = node;
    const above =
      value.kind === 'Name'
        ? this.#imports.get(value.id)
        : value.kind === 'Attribute'
          ? this.#pathOf(value)
          : undefined;
    return above === undefined ? undefined : `${above}.${node.attr}`;
  }

  /** `value.key` for a key as Python has it. */
  member(value: Code, key: string, node: Spanned): Code {
    const found = memberOf(value, key);
    if (found === undefined) throw new Untranslatable(node, `the key ${key} of something that is not known`);
    const access = /^[A-Za-z_$][\w$]*$/.test(found.key) ? `.${found.key}` : `[${JSON.stringify(found.key)}]`;
    return { ...textCode([value, access], typeOf(found.code)), of: structureOf(found.code) };
  }

  /** A value of a base by its path, keys as Python has them. */
  fromBase(path: readonly string[], node: Spanned): Code {
    const [name = '', ...keys] = path;
    const base = this.bases.findLast((each) => each.has(name));
    if (base === undefined) throw new Untranslatable(node, `${name}, which no base has`);
    const known = base.codeOf(name);
    if (keys.length === 0 && this.spelling.section(name) === undefined && base.isOwn(name) && known !== undefined)
      return alias(`${base.identifier}.${name}`, known);
    const steps = followed(known, keys, this.spelling.section(name) ?? name);
    const text = `pick(${base.identifier}, '${steps.path.join('.')}')`;
    return steps.code === undefined ? textCode(text) : alias(text, steps.code);
  }
}

function memberOf(value: Code, key: string): { readonly key: string; readonly code: Code } | undefined {
  for (const name of [key, toCamelCase(key)]) {
    const code = propertyOf(value, name);
    if (code !== undefined) return { key: name, code };
  }
  return undefined;
}

/** The keys of a path in the spelling of what they lead through. */
function followed(
  from: Code | undefined,
  keys: readonly string[],
  first: string,
): { readonly path: readonly string[]; readonly code: Code | undefined } {
  const path = [first];
  let code = from;
  for (const key of keys) {
    const list = code === undefined ? undefined : structureOf(code);
    if (list?.kind === 'array' && /^-?\d+$/.test(key)) {
      const index = Number(key) < 0 ? list.items.length + Number(key) : Number(key);
      path.push(String(index));
      code = list.items.some((item) => item.isSpread) ? undefined : list.items[index]?.value;
    } else {
      const found = code === undefined ? undefined : memberOf(code, key);
      path.push(found?.key ?? key);
      code = found?.code;
    }
  }
  return { path, code };
}

const RESERVED: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super switch ' +
    'this throw true try typeof undefined var void while with yield defineConfig extendConfig pick EngineConfig'
  ).split(' '),
);
