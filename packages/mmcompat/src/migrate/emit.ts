/** A whole module of TypeScript out of the parts of a config. */
import type { Analysis, Draft } from './analyse.js';
import type { Base } from './base.js';
import {
  bare,
  type Code,
  type Commented,
  literalCode,
  literalOf,
  objectCode,
  type Property,
  property,
  propertyOf,
  textCode,
} from './code.js';
import { codeOfValue } from './from-value.js';
import { printCode } from './print.js';

export interface EmitOptions {
  /** How the module imports a base. */
  readonly specifierOf: (base: Base) => string;
  /** The values that the config comes to, by variable: for those whose expression has no counterpart. */
  readonly values?: ReadonlyMap<string, unknown> | undefined;
  /** Variables whose values are taken although there is an expression. */
  readonly forced?: ReadonlySet<string> | undefined;
}

/** A part of a module: a section of the config or a variable of the user's own. */
interface Part extends Commented {
  readonly name: string;
  readonly section: string | undefined;
  readonly variable: string;
  readonly code: Code;
}

/** Variables whose values are needed and were not given. */
export function missingValues(analysis: Analysis, options: Pick<EmitOptions, 'values'> = {}): string[] {
  return analysis.drafts.flatMap(({ name, code }) =>
    code === undefined && !name.startsWith('__') && options.values?.has(name) !== true ? [name] : [],
  );
}

export function emitModule(analysis: Analysis, options: EmitOptions): string {
  const parts = partsOf(analysis, options);
  const { used } = analysis.names;
  const isConst = (part: Part): boolean => part.section === undefined || used.has(part.name);
  const consts = parts.filter(isConst).map((part) => constant(part, analysis));
  const config = configObject(parts, isConst, analysis);
  const variables = variablesObject(parts, analysis);
  const body = [
    ...consts,
    ...untranslated(analysis, options),
    ...tailLines(analysis),
    ...blank(consts),
    defaultExport(analysis, config, variables),
  ].join('\n');
  const header = [...analysis.names.baseComments, ...imports(analysis, body, options)];
  return `${[header.join('\n'), body].filter((text) => text !== '').join('\n\n')}\n`;
}

/** The Python that has no counterpart and no value, as a comment: it is left to the reader. */
function untranslated(analysis: Analysis, options: EmitOptions): string[] {
  if (options.values !== undefined) return [];
  const missing = missingValues(analysis, options);
  const nodes = new Set([
    ...analysis.drafts.filter(({ name }) => missing.includes(name)).map(({ node }) => node),
    ...analysis.computing,
  ]);
  const lines = [...nodes].flatMap((node) => analysis.names.textOf(node).split('\n'));
  return lines.length === 0 ? [] : ['// Not translated:', ...lines.map((line) => `//   ${line}`)];
}

function blank(consts: readonly string[]): string[] {
  return consts.length === 0 ? [] : [''];
}

function partsOf(analysis: Analysis, options: EmitOptions): Part[] {
  const { names } = analysis;
  const own = analysis.drafts.map((draft) => draft.name);
  const added = [...(options.forced ?? [])].filter((name) => !own.includes(name));
  const drafts: Pick<Draft, 'name' | 'code' | 'lead' | 'trail'>[] = [
    ...analysis.drafts,
    ...added.map((name) => ({ name, code: undefined, ...bare })),
  ];
  return drafts.flatMap(({ name, code, lead, trail }): Part[] => {
    if (name.startsWith('__') || name === '_base_') return [];
    const section = names.spelling.section(name);
    const kept = options.forced?.has(name) === true ? undefined : code;
    const final = kept ?? computed(analysis, name, options);
    return final === undefined ? [] : [{ name, section, variable: names.variable(name), code: final, lead, trail }];
  });
}

/** The value that a variable comes to; it replaces what the bases have. */
function computed({ names, bases, isLazy }: Analysis, name: string, { values }: EmitOptions): Code | undefined {
  if (values?.has(name) !== true) return undefined;
  const { spelling } = names;
  const section = spelling.section(name);
  const place = section === undefined ? [] : spelling.below(spelling.root, section);
  const code = codeOfValue(values.get(name), spelling, place);
  const replaces = !isLazy && bases.some((base) => base.has(name) || base.analysis === undefined);
  if (code?.kind !== 'object' || !replaces) return code;
  return objectCode([...code.properties, property('_delete_', literalCode(true))]);
}

function constant(part: Part, analysis: Analysis): string {
  const start = `const ${part.variable} = `;
  const type = typeNote(part, analysis);
  const trail = part.trail === undefined ? '' : ` ${part.trail}`;
  return [...part.lead, `${start}${printCode(part.code, '', start.length + type.length + 1)}${type};${trail}`].join(
    '\n',
  );
}

/** What keeps the names in it from becoming mere text to the compiler. */
function typeNote({ section, code }: Part, { names, bases, isLazy }: Analysis): string {
  if (code.kind === 'text') return '';
  const isPatch = bases.length > 0 && !isLazy;
  if (section !== undefined) return ` satisfies ${isPatch ? 'EngineConfigPatch' : 'EngineConfig'}['${section}']`;
  const things = code.kind === 'array' ? code.items.map((item) => (item.isSpread ? undefined : item.value)) : [code];
  const kinds = new Set(things.map((thing) => kindOf(thing, (name) => names.spelling.kindsOf(name))));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === undefined) return '';
  return ` satisfies ConfigOf<'${kind}'>${code.kind === 'array' ? '[]' : ''}`;
}

function kindOf(code: Code | undefined, kindsOf: (name: string) => readonly string[]): string | undefined {
  const type = literalOf(propertyOf(code, 'type'));
  const kinds = typeof type === 'string' ? kindsOf(type) : [];
  return kinds.length === 1 ? kinds[0] : undefined;
}

function configObject(parts: readonly Part[], isConst: (part: Part) => boolean, analysis: Analysis): Code {
  const sections = parts.flatMap((part): Property[] => {
    if (part.section === undefined) return [];
    if (!isConst(part)) return [property(part.section, part.code, part)];
    return [property(part.section, textCode(part.variable))];
  });
  return objectCode([...(analysis.isLazy ? inherited(analysis, true) : []), ...sections]);
}

function variablesObject(parts: readonly Part[], analysis: Analysis): Code {
  const foreign = analysis.bases.filter((base) => base.file === undefined);
  const external = foreign.length === 0 ? [] : [property('_base_', externalBases(foreign))];
  const own = parts.flatMap((part) =>
    part.section === undefined ? [property(part.name, textCode(part.variable))] : [],
  );
  return objectCode([...external, ...(analysis.isLazy ? inherited(analysis, false) : []), ...own]);
}

function externalBases(bases: readonly Base[]): Code {
  const specifiers = bases.map((base) => literalCode(base.specifier));
  return { kind: 'array', items: specifiers.map((value) => ({ value, isSpread: false, ...bare })), tail: [] };
}

/** What a new-style config takes over of its bases: everything, or the names that it imports. */
function inherited({ bases, names }: Analysis, sections: boolean): Property[] {
  return bases.flatMap((base): Property[] => {
    if (base.file === undefined) return [];
    if (base.names === undefined) return sections ? [property(undefined, textCode(base.identifier))] : [];
    return [...base.names].flatMap(([name, own]) => {
      const section = names.spelling.section(name);
      if ((section !== undefined) !== sections) return [];
      return [property(section ?? name, textCode(`pick(${base.identifier}, '${names.spelling.section(own) ?? own}')`))];
    });
  });
}

function defaultExport({ bases, isLazy }: Analysis, config: Code, variables: Code): string {
  const local = isLazy ? [] : bases.filter((base) => base.file !== undefined);
  const call =
    local.length === 0 ? 'defineConfig(' : `extendConfig([${local.map((base) => base.identifier).join(', ')}], `;
  const start = `export default ${call}`;
  const last = variables.kind === 'object' && variables.properties.length > 0 ? `, ${printCode(variables, '', 4)}` : '';
  return `${start}${printCode(config, '', start.length)}${last});`;
}

function tailLines({ tail }: Analysis): readonly string[] {
  return tail;
}

function imports({ bases, isLazy }: Analysis, body: string, { specifierOf }: EmitOptions): string[] {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body);
  const values = ['defineConfig', 'extendConfig', 'pick'].filter(uses);
  const types = ['ConfigOf', 'EngineConfig', 'EngineConfigPatch'].filter((name) => uses(`satisfies ${name}`));
  const specifiers = [...types, ...values]
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map((name) => (types.includes(name) ? `type ${name}` : name));
  const local = bases.filter((base) => base.file !== undefined && (!isLazy || uses(base.identifier)));
  return [
    `import { ${specifiers.join(', ')} } from '@engine/standard';`,
    ...local.map((base) => `import ${base.identifier} from '${specifierOf(base)}';`),
  ];
}
