import type { SourceLocation } from '@engine/core';
import type { Expression, Program, Statement } from 'oxc-parser';
import { LineStarts } from '../line-starts.js';
import { type Shape, shapeOf } from './shapes.js';

/** Where an imported name comes from. */
interface Import {
  readonly from: string;
  /** Its name there; `*` for everything. */
  readonly name: string;
}

/** The constants, imports and exports of one module, read from its source. */
export class SourceModule {
  readonly file: string;
  readonly #lines: LineStarts;
  readonly #constants = new Map<string, Expression>();
  readonly #imports = new Map<string, Import>();
  /** Export → expression, or the name of a local, or what another module exports. */
  readonly #exports = new Map<string, Expression | string | Import>();
  /** Relative specifier → module, once it is loaded. */
  readonly linked = new Map<string, SourceModule>();

  constructor(file: string, text: string, program: Program) {
    this.file = file;
    this.#lines = new LineStarts(text);
    for (const statement of program.body) this.#read(statement);
  }

  /** The relative specifiers that it imports values from. */
  get specifiers(): string[] {
    const reexported = [...this.#exports.values()].filter((target) => typeof target === 'object' && 'from' in target);
    const all = [...this.#imports.values(), ...reexported].map((target) => (target as Import).from);
    return [...new Set(all.filter((from) => /^\.{1,2}\//.test(from)))];
  }

  get exported(): string[] {
    return [...this.#exports.keys()];
  }

  place(offset: number): SourceLocation {
    return { file: this.file, ...this.#lines.position(offset) };
  }

  /** Whether a name stands for a value whose source is at hand. */
  isKnown(name: string): boolean {
    return this.#constants.has(name) || this.linked.has(this.#imports.get(name)?.from ?? '');
  }

  shapeOfName(name: string, steps: number): Shape | undefined {
    const imported = this.#imports.get(name);
    if (imported !== undefined) return this.#shapeOfImport(imported, steps);
    return shapeOf(this.#constants.get(name), this, steps);
  }

  shapeOfExport(name: string, steps = 0): Shape | undefined {
    const target = this.#exports.get(name);
    if (target === undefined) return undefined;
    if (typeof target === 'string') return this.shapeOfName(target, steps + 1);
    return 'from' in target ? this.#shapeOfImport(target, steps) : shapeOf(target, this, steps + 1);
  }

  #shapeOfImport({ from, name }: Import, steps: number): Shape | undefined {
    const module = this.linked.get(from);
    if (module === undefined || name !== '*') return module?.shapeOfExport(name, steps + 1);
    const entries = module.exported.map(
      (key) => [key, { at: module.place(0), shape: module.shapeOfExport(key, steps + 1) }] as const,
    );
    return { kind: 'object', entries: new Map(entries), rest: undefined };
  }

  #read(statement: Statement): void {
    if (statement.type === 'ImportDeclaration') {
      if (statement.importKind === 'type') return;
      for (const specifier of statement.specifiers) {
        const { type, local } = specifier;
        const name =
          type === 'ImportDefaultSpecifier'
            ? 'default'
            : type === 'ImportNamespaceSpecifier'
              ? '*'
              : nameOf(specifier.imported);
        this.#imports.set(local.name, { from: statement.source.value, name });
      }
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'Identifier') this.#exports.set('default', declaration.name);
      else if (!/Declaration$|^(Class|Function)/.test(declaration.type))
        this.#exports.set('default', declaration as Expression);
    } else if (statement.type === 'ExportNamedDeclaration') {
      if (statement.declaration !== null) {
        for (const name of this.#declare(statement.declaration)) this.#exports.set(name, name);
      }
      const from = statement.source?.value;
      for (const { local, exported } of statement.specifiers) {
        const name = nameOf(local);
        this.#exports.set(nameOf(exported), from === undefined ? name : { from, name });
      }
    } else this.#declare(statement);
  }

  /** Remembers `const name = expression`; what may be assigned again is not known. */
  #declare(statement: { readonly type: string }): string[] {
    const { type, kind, declarations } = statement as Extract<Statement, { type: 'VariableDeclaration' }>;
    if (type !== 'VariableDeclaration' || kind !== 'const') return [];
    return declarations.flatMap(({ id, init }) => {
      if (id.type !== 'Identifier' || init === null) return [];
      this.#constants.set(id.name, init);
      return [id.name];
    });
  }
}

function nameOf(name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return name.name ?? String(name.value);
}
