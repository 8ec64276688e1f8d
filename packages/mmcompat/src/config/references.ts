import { mmcompatErrors } from '../errors.js';
import { type Budget, tooDeep } from '../run/budget.js';
import { ConfigDict } from '../values/config-dict.js';
import { deepCopy } from '../values/copy.js';
import { PyDict } from '../values/dict.js';
import type { Site } from '../values/exception.js';
import { keyError, typeError } from '../values/exception.js';
import { type NativeHost, PyTuple, type PyValue, typeName } from '../values/value.js';

interface Owner {
  readonly budget: Budget;
}

/**
 * A copy of a file's values with those of its bases in the place of `{{_base_.path}}`. What was shared is shared no more.
 *
 * @throws `ENGINE_MMCOMPAT_EMBEDDED_REFERENCE`, KeyError (Python's)
 */
export function resolveReferences(
  dict: PyDict,
  references: ReadonlyMap<string, string>,
  base: ConfigDict,
  owner: Owner,
): PyDict {
  return new Resolver(references, base, owner.budget).dict(dict, 0);
}

class Resolver {
  readonly #references: ReadonlyMap<string, string>;
  readonly #base: ConfigDict;
  readonly #host: Pick<NativeHost, 'allocate'>;

  constructor(references: ReadonlyMap<string, string>, base: ConfigDict, host: Pick<NativeHost, 'allocate'>) {
    this.#references = references;
    this.#base = base;
    this.#host = host;
  }

  dict(dict: PyDict, depth: number): PyDict {
    this.#host.allocate(dict.size);
    const copy = dict instanceof ConfigDict ? new ConfigDict() : new PyDict();
    for (const entry of dict.entries()) {
      if (typeof entry.key === 'string') this.#refuseInside(entry.key, entry.site);
      copy.put({ ...entry, value: this.#value(entry.value, entry.site, depth + 1) });
    }
    return copy;
  }

  #value(value: PyValue, site: Site | undefined, depth: number): PyValue {
    if (typeof value === 'string') return this.#text(value, site);
    if (depth > 500) throw tooDeep('a value of more than 500 levels');
    if (value instanceof PyDict) return this.dict(value, depth);
    if (Array.isArray(value)) {
      this.#host.allocate(value.length);
      return value.map((item) => this.#value(item, site, depth + 1));
    }
    if (value instanceof PyTuple) {
      this.#host.allocate(value.items.length);
      return new PyTuple(value.items.map((item) => this.#value(item, site, depth + 1)));
    }
    return value;
  }

  #text(value: string, site: Site | undefined): PyValue {
    const path = this.#references.get(value);
    if (path === undefined) {
      this.#refuseInside(value, site);
      return value;
    }
    let found: PyValue = this.#base;
    for (const part of path.split('.')) {
      if (!(found instanceof PyDict)) throw typeError(`{{_base_.${path}}}: a ${typeName(found)} has no keys`);
      const next: PyValue | undefined = found.get(part);
      if (next === undefined) {
        const error = keyError(`'${part}', in {{_base_.${path}}}`);
        error.site = site;
        throw error;
      }
      found = next;
    }
    return deepCopy(found, this.#host);
  }

  #refuseInside(text: string, site: Site | undefined): void {
    if (this.#references.size === 0 || !text.includes('__engine_base_')) return;
    const inside = [...this.#references].find(([token]) => text.includes(token));
    if (inside === undefined) return;
    throw mmcompatErrors.EMBEDDED_REFERENCE({
      subject: `{{_base_.${inside[1]}}}`,
      expected: 'a reference to a base value that stands alone, as a value',
      received: text.replaceAll(inside[0], `{{_base_.${inside[1]}}}`),
      action: `use the value of the base in an expression: f'{_base_.${inside[1]}}...'`,
      at: site?.source.locate(site.start),
    });
  }
}
