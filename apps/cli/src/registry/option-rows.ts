import { branchesOf, type JsonSchema } from '@engine/registry';

/** One option of an entry, as listings show it. */
export interface OptionRow {
  /** Dotted below the entry: `clipGrad.maxNorm`. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly doc: string;
}

const DEPTH = 3;

/** The options that a schema declares, those of nested objects below their own. */
export function optionRows(schema: JsonSchema | undefined, path = '', depth = 0): OptionRow[] {
  if (schema === undefined || depth >= DEPTH) return [];
  return branchesOf(schema).flatMap((branch) =>
    Object.entries(branch.properties ?? {}).flatMap(([key, option]) => {
      const name = path === '' ? key : `${path}.${key}`;
      const row: OptionRow = {
        name,
        type: typeOf(option),
        required: branch.required?.includes(key) === true && option.default === undefined,
        default: option.default,
        doc: option.description ?? '',
      };
      return [row, ...optionRows(option, name, depth + 1)];
    }),
  );
}

/** A schema as a reader of TypeScript would write it. */
export function typeOf(schema: JsonSchema): string {
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return unionOf(schema['enum'].map((item) => JSON.stringify(item)));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return unionOf(alternatives.map(typeOf));
  if (Array.isArray(schema.type)) return unionOf((schema.type as string[]).map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case 'array':
      return arrayOf(schema);
    case 'object':
      return objectOf(schema);
    case 'integer':
    case 'number':
      return `${schema.type}${rangeOf(schema)}`;
    case undefined:
      return 'any';
    default:
      return schema.type as string;
  }
}

function unionOf(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function arrayOf(schema: JsonSchema): string {
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  const item = typeof schema.items === 'object' ? typeOf(schema.items) : 'any';
  return / /.test(item) ? `(${item})[]` : `${item}[]`;
}

function objectOf(schema: JsonSchema): string {
  const keys = Object.keys(schema.properties ?? {});
  if (keys.length > 0) return `{ ${keys.join(', ')} }`;
  return typeof schema.additionalProperties === 'object'
    ? `{ [key]: ${typeOf(schema.additionalProperties)} }`
    : 'object';
}

/** Bounds that say more than the number format itself. */
function rangeOf(schema: JsonSchema): string {
  const bound = (sign: string, key: string): string[] => {
    const limit = schema[key];
    return typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? [`${sign} ${limit}`] : [];
  };
  const bounds = [
    ...bound('>=', 'minimum'),
    ...bound('>', 'exclusiveMinimum'),
    ...bound('<=', 'maximum'),
    ...bound('<', 'exclusiveMaximum'),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(', ')}`;
}
