/** What a Python config says, statement by statement, in TypeScript. */
import { dirname, resolve } from 'node:path';
import type { SourceLocation } from '@engine/core';
import type { Registry } from '@engine/registry';
import {
  type Assign,
  type Expression,
  type ImportFrom,
  type Module,
  parsePython,
  type Spanned,
  type Statement,
} from '../syntax/index.js';
import { Base } from './base.js';
import type { Code, Commented } from './code.js';
import { Comments } from './comments.js';
import { Expressions } from './expressions.js';
import { Names } from './names.js';
import { Spelling } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

export interface Warning {
  readonly message: string;
  readonly at: SourceLocation;
}

/** A variable of the file: a part of the config, or one of the user's own. */
export interface Draft extends Commented {
  readonly name: string;
  /** Undefined where the expression has no counterpart: the value takes its place. */
  readonly code: Code | undefined;
  readonly node: Spanned;
}

export interface Analysis {
  readonly file: string;
  readonly module: Module;
  readonly names: Names;
  readonly isLazy: boolean;
  readonly bases: readonly Base[];
  readonly drafts: readonly Draft[];
  /** Whether statements change what others made: then the values count, not the expressions. */
  readonly isComputed: boolean;
  /** The statements that do. */
  readonly computing: readonly Spanned[];
  /** Comments after everything else. */
  readonly tail: readonly string[];
  readonly warnings: Warning[];
}

export interface AnalyseOptions {
  /** Text of a file by its absolute path; undefined when there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly registry?: Registry | undefined;
}

/** Reads a config and the bases that it names. @throws `ENGINE_MMCOMPAT_SYNTAX` */
export async function analyse(text: string, file: string, options: AnalyseOptions): Promise<Analysis> {
  return new Analyser(options).file(text, file, []);
}

class Analyser {
  readonly #options: AnalyseOptions;
  readonly #spelling: Spelling;
  readonly #known = new Map<string, Promise<Analysis | undefined>>();

  constructor(options: AnalyseOptions) {
    this.#options = options;
    this.#spelling = new Spelling(options.registry);
  }

  async file(text: string, file: string, chain: readonly string[]): Promise<Analysis> {
    const module = parsePython(text, file);
    const warnings: Warning[] = [];
    const warn = (message: string, node: Spanned): void =>
      void warnings.push({ message, at: module.source.locate(node.start) });
    const imports = baseImports(module);
    const bases = await this.#bases(imports, file, [...chain, file]);
    const isLazy = imports.some((base) => base.isLazy) || (imports.length === 0 && hasForeignImport(module));
    const comments = new Comments(module);
    const names = new Names({ module, comments, spelling: this.#spelling, bases, isLazy, warn });
    const statements = new Statements(names);
    const drafts = statements.all(module.body);
    const { computing } = statements;
    const isComputed = statements.isComputed;
    return {
      file,
      module,
      names,
      isLazy,
      bases,
      drafts,
      isComputed,
      computing,
      tail: comments.before(Infinity),
      warnings,
    };
  }

  async #bases(imports: readonly BaseImport[], file: string, chain: readonly string[]): Promise<Base[]> {
    const taken = new Set<string>();
    const bases: Base[] = [];
    for (const { specifier, names, isLazy } of imports) {
      const path = specifier.includes('::')
        ? undefined
        : resolve(dirname(file), isLazy ? lazyPath(specifier) : specifier);
      const identifier = unique(identifierOf(specifier), taken);
      bases.push(new Base({ specifier, file: path, identifier, names, analysis: await this.#base(path, chain) }));
    }
    return bases;
  }

  async #base(path: string | undefined, chain: readonly string[]): Promise<Analysis | undefined> {
    if (path === undefined || chain.includes(path)) return undefined;
    let known = this.#known.get(path);
    if (known === undefined) {
      known = this.#options.read(path).then((text) => (text === undefined ? undefined : this.file(text, path, chain)));
      this.#known.set(path, known);
    }
    return known;
  }
}

/** A base as its file names it. */
interface BaseImport {
  readonly specifier: string;
  readonly names: ReadonlyMap<string, string> | undefined;
  readonly isLazy: boolean;
}

function baseImports(module: Module): BaseImport[] {
  return module.body.flatMap((statement): BaseImport[] => {
    if (statement.kind === 'Assign' && isBaseAssignment(statement)) return textBases(statement.value);
    if (isReadBase(statement))
      return statement.body.flatMap((each) => (each.kind === 'ImportFrom' ? [lazyBase(each)] : []));
    return [];
  });
}

function isBaseAssignment({ targets }: Assign): boolean {
  return targets.some((target) => target.kind === 'Name' && target.id === '_base_');
}

function isReadBase(statement: Statement): statement is Extract<Statement, { kind: 'With' }> {
  if (statement.kind !== 'With') return false;
  const context = statement.items[0]?.context;
  return context?.kind === 'Call' && context.func.kind === 'Name' && context.func.id === 'read_base';
}

function textBases(value: Expression): BaseImport[] {
  const items = value.kind === 'List' || value.kind === 'Tuple' ? value.items : [value];
  return items.flatMap((item) =>
    item.kind === 'Constant' && typeof item.value === 'string'
      ? [{ specifier: item.value, names: undefined, isLazy: false }]
      : [],
  );
}

function lazyBase({ module, level, names }: ImportFrom): BaseImport {
  const isAll = names.some((name) => name.name === '*');
  return {
    specifier: `${'.'.repeat(level)}${module}`,
    names: isAll ? undefined : new Map(names.map(({ name, alias }) => [alias ?? name, name])),
    isLazy: true,
  };
}

/** `..a.b` → `../a/b.py` */
function lazyPath(specifier: string): string {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  return `${dots <= 1 ? './' : '../'.repeat(dots - 1)}${specifier.slice(dots).replaceAll('.', '/')}.py`;
}

/** Whether a file is new style by its imports alone. */
function hasForeignImport(module: Module): boolean {
  return module.body.some(
    (statement) => statement.kind === 'ImportFrom' && /^(mm(?!engine\.config)|torch)/.test(statement.module),
  );
}

function identifierOf(specifier: string): string {
  const name =
    specifier
      .replace(/\.py$/, '')
      .split(/[/.:]+/)
      .at(-1) ?? '';
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = words
    .map((word, i) => (i === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  return /^[A-Za-z]/.test(camel) ? camel : `base${camel}`;
}

function unique(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let i = 2; taken.has(candidate); i += 1) candidate = `${name}${i}`;
  taken.add(candidate);
  return candidate;
}

/** Goes through the statements of a file in order. */
class Statements {
  readonly #names: Names;
  readonly #expressions: Expressions;
  readonly #drafts: Draft[] = [];
  #isComputed = false;
  readonly computing: Spanned[] = [];

  constructor(names: Names) {
    this.#names = names;
    this.#expressions = new Expressions(names);
  }

  all(body: readonly Statement[]): Draft[] {
    for (const statement of body) this.#statement(statement);
    return this.#isComputed ? this.#drafts.map((draft) => ({ ...draft, code: undefined })) : this.#drafts;
  }

  get isComputed(): boolean {
    return this.#isComputed;
  }

  #statement(node: Statement): void {
    switch (node.kind) {
      case 'Assign':
        return this.#assign(node);
      case 'AnnotatedAssign':
        return node.value === undefined
          ? undefined
          : this.#assign({ ...node, kind: 'Assign', targets: [node.target], value: node.value });
      case 'Import':
        for (const { name, alias } of node.names)
          this.#names.defineImport(
            alias ?? name.split('.')[0] ?? name,
            alias === undefined ? (name.split('.')[0] ?? name) : name,
          );
        return undefined;
      case 'ImportFrom':
        for (const { name, alias } of node.names) this.#names.defineImport(alias ?? name, `${node.module}.${name}`);
        return undefined;
      case 'Assert':
      case 'Pass':
      case 'FunctionDefinition':
      case 'ClassDefinition':
        return undefined;
      case 'Expression':
        if (node.value.kind !== 'Constant') this.#compute(node);
        return undefined;
      case 'With':
        return isReadBase(node) ? undefined : this.#compute(node);
      case 'If':
        return isMainGuard(node.test) ? undefined : this.#compute(node);
      case 'AugmentedAssign':
      case 'Break':
      case 'Continue':
      case 'Delete':
      case 'For':
      case 'Global':
      case 'Nonlocal':
      case 'Raise':
      case 'Return':
      case 'Try':
      case 'Unsupported':
      case 'While':
        return this.#compute(node);
    }
  }

  /** A statement that changes what is there: the variables' values are what is left of it. */
  #compute(node: Statement): void {
    this.#isComputed = true;
    this.computing.push(node);
    for (const name of assignedIn(node)) this.#draft(name, undefined, { node, lead: [], trail: undefined });
  }

  #assign(node: Assign): void {
    if (isBaseAssignment(node)) {
      const { baseComments, comments } = this.#names;
      baseComments.push(...comments.before(node.start), ...comments.within(node));
      const behind = comments.behind(node);
      if (behind !== undefined) baseComments.push(behind);
      return;
    }
    const targets = node.targets.map((target) => (target.kind === 'Name' ? target.id : undefined));
    if (targets.includes(undefined)) return this.#compute(node);
    const [first = '', ...others] = targets as string[];
    const { spelling } = this.#names;
    const section = spelling.section(first);
    const place = section === undefined ? [] : spelling.below(spelling.root, section);
    const { built, lead, trail } = this.#names.comments.around(node, () => this.#translate(node.value, place));
    this.#draft(first, built, {
      node,
      lead: built === undefined ? [...lead, ...this.#names.comments.within(node)] : lead,
      trail,
    });
    for (const other of others) {
      const code = built === undefined ? undefined : this.#names.read(first, node);
      this.#draft(other, code, { node, lead: [], trail: undefined });
    }
  }

  #translate(value: Expression, place: readonly object[]): Code | undefined {
    try {
      return this.#expressions.translate(value, place as never);
    } catch (error) {
      if (error instanceof Untranslatable) return undefined;
      throw error;
    }
  }

  #draft(name: string, code: Code | undefined, rest: Omit<Draft, 'name' | 'code'>): void {
    const before = this.#drafts.findIndex((draft) => draft.name === name);
    if (before >= 0) {
      // set twice: what reads it in between means another value, so the last one is taken as it comes out
      this.#drafts[before] = { ...(this.#drafts[before] as Draft), code: undefined };
      if (this.#names.used.has(name)) this.#isComputed = true;
      this.#names.forget(name);
      return;
    }
    this.#drafts.push({ name, code, ...rest });
    if (code !== undefined) this.#names.define(name, code);
  }
}

function isMainGuard(test: Expression): boolean {
  return test.kind === 'Comparison' && test.first.kind === 'Name' && test.first.id === '__name__';
}

/** Names that a statement assigns, in its blocks too. */
function assignedIn(node: Statement): string[] {
  switch (node.kind) {
    case 'Assign':
      return node.targets.flatMap(namesIn);
    case 'AugmentedAssign':
    case 'AnnotatedAssign':
      return namesIn(node.target);
    case 'For':
      return [...namesIn(node.target), ...[...node.body, ...node.otherwise].flatMap(assignedIn)];
    case 'If':
    case 'While':
      return [...node.body, ...node.otherwise].flatMap(assignedIn);
    case 'With':
      return node.body.flatMap(assignedIn);
    case 'Try':
      return [...node.body, ...node.otherwise, ...node.finally, ...node.handlers.flatMap((each) => each.body)].flatMap(
        assignedIn,
      );
    case 'Assert':
    case 'Break':
    case 'ClassDefinition':
    case 'Continue':
    case 'Delete':
    case 'Expression':
    case 'FunctionDefinition':
    case 'Global':
    case 'Import':
    case 'ImportFrom':
    case 'Nonlocal':
    case 'Pass':
    case 'Raise':
    case 'Return':
    case 'Unsupported':
      return [];
  }
}

function namesIn(target: Expression): string[] {
  if (target.kind === 'Name') return [target.id];
  return target.kind === 'Tuple' || target.kind === 'List' ? target.items.flatMap(namesIn) : [];
}
