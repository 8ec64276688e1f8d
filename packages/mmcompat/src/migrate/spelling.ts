/** Which keys of a config are declared somewhere and so are spelt in camelCase; all others are the user's and stay. */
import { engineKeys, engineSchema } from '@engine/config';
import { branchesOf, declaredKeys, type JsonSchema, jsonSchemaOf, type Registry, toCamelCase } from '@engine/registry';

/** What is declared where an object stands; empty where nothing is known. */
export type Place = readonly JsonSchema[];

export class Spelling {
  readonly #registry: Registry | undefined;
  readonly #ofName = new Map<string, Place>();

  constructor(registry: Registry | undefined) {
    this.#registry = registry;
  }

  readonly root: Place = [engineSchema];

  /** The engine's own top-level key that a variable is; undefined for a variable of the user's. */
  section(name: string): string | undefined {
    const camel = toCamelCase(name);
    return engineKeys.includes(camel) ? camel : undefined;
  }

  /** What is declared in an object of a `type`, or of the place's own default. */
  inside(place: Place, type: string | undefined): Place {
    const fallback = place.flatMap(branchesOf).flatMap((schema) => defaultType(schema) ?? []);
    const names = type === undefined ? fallback : [type.slice(type.lastIndexOf('.') + 1)];
    return [...place, ...names.flatMap((name) => this.#named(name))];
  }

  key(place: Place, key: string): string {
    const camel = toCamelCase(key);
    return camel !== key && place.some((schema) => declaredKeys(schema).includes(camel)) ? camel : key;
  }

  below(place: Place, key: string): Place {
    return place.flatMap((schema) =>
      branchesOf(schema).flatMap((branch) => {
        const child = branch.properties?.[key] ?? branch.additionalProperties;
        return typeof child === 'object' ? [child] : [];
      }),
    );
  }

  item(place: Place): Place {
    return place.flatMap((schema) =>
      branchesOf(schema).flatMap((branch) => (typeof branch.items === 'object' ? [branch.items] : [])),
    );
  }

  /** The kinds that have an entry of a name. */
  kindsOf(name: string): string[] {
    const plain = name.slice(name.lastIndexOf('.') + 1);
    const all = this.#registry?.list() ?? [];
    return [...new Set(all.flatMap((info) => (info.name === plain ? [info.kind] : [])))];
  }

  #named(name: string): Place {
    const known = this.#ofName.get(name);
    if (known !== undefined) return known;
    const registry = this.#registry;
    const kinds = new Set(registry?.list().map((info) => info.kind));
    const place = [...kinds].flatMap((kind) => {
      const entry = registry?.get(kind, name);
      const schema = entry === undefined ? undefined : jsonSchemaOf(entry.options);
      return schema === undefined ? [] : [schema];
    });
    this.#ofName.set(name, place);
    return place;
  }
}

function defaultType(schema: JsonSchema): string | undefined {
  const value = schema.default;
  return typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : undefined;
}
