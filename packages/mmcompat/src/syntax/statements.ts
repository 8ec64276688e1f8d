import type { Alias, BinaryOperator, Expression, Handler, Statement, With } from './ast.js';
import { checkTarget, type ExpressionConverter, splitAt } from './expressions.js';
import { type Raw, syntaxError } from './raw.js';
import type { PythonSource } from './source.js';

/** What surrounds a statement and decides whether `return` or `break` may stand there. */
interface Surroundings {
  readonly inFunction: boolean;
  readonly inLoop: boolean;
}

const OUTERMOST: Surroundings = { inFunction: false, inLoop: false };

/** Turns the grammar's statements into the tree of ast.ts. */
export class StatementConverter {
  readonly #source: PythonSource;
  readonly #expressions: ExpressionConverter;

  constructor(source: PythonSource, expressions: ExpressionConverter) {
    this.#source = source;
    this.#expressions = expressions;
  }

  all(parts: readonly Raw[], around = OUTERMOST, parent?: Raw): Statement[] {
    this.#checkIndent(parts, parent);
    return parts
      .flatMap((part) => (part.name === 'StatementGroup' ? part.children.filter(({ name }) => name !== ';') : [part]))
      .map((part) => this.#statement(part, around));
  }

  /** The grammar is content with any indentation that is not less than the one before. */
  #checkIndent(parts: readonly Raw[], parent: Raw | undefined): void {
    const { text } = this.#source;
    let expected = parent === undefined ? '' : undefined;
    for (const { from } of parts) {
      const before = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
      if (/[^ \t\f]/.test(before)) continue;
      expected ??= before;
      if (before !== expected) throw syntaxError(this.#source, from, 'unexpected indentation');
    }
  }

  #statement(raw: Raw, around: Surroundings): Statement {
    const span = { start: raw.from, end: raw.to };
    const { children } = raw;
    switch (raw.name) {
      case 'AssignStatement':
        return this.#assign(raw);
      case 'UpdateStatement':
        return this.#update(raw);
      case 'ExpressionStatement':
        return { kind: 'Expression', value: this.#expressions.list(children), ...span };
      case 'DeleteStatement':
        return { kind: 'Delete', targets: this.#targets(children.slice(1)), ...span };
      case 'PassStatement':
        return { kind: 'Pass', ...span };
      case 'BreakStatement':
      case 'ContinueStatement':
        if (!around.inLoop) throw syntaxError(this.#source, raw.from, 'outside of a loop');
        return { kind: raw.name === 'BreakStatement' ? 'Break' : 'Continue', ...span };
      case 'ReturnStatement':
        if (!around.inFunction) throw syntaxError(this.#source, raw.from, "'return' outside function");
        return { kind: 'Return', value: this.#optional(children.slice(1)), ...span };
      case 'RaiseStatement':
        return { kind: 'Raise', value: this.#optional(children.slice(1, 2)), ...span };
      case 'AssertStatement':
        return this.#assert(raw);
      case 'ScopeStatement':
        return this.#scope(raw);
      case 'ImportStatement':
        return this.#import(raw);
      case 'IfStatement':
        return this.#if(children, around, span);
      case 'ForStatement':
        return this.#for(raw, around);
      case 'WhileStatement':
        return { kind: 'While', test: this.#one(children[1], raw), ...this.#loopBodies(children, around), ...span };
      case 'WithStatement':
        return this.#with(raw, around);
      case 'TryStatement':
        return this.#try(raw, around);
      case 'FunctionDefinition':
      case 'ClassDefinition':
        return this.#definition(raw, []);
      case 'DecoratedStatement':
        return this.#decorated(raw);
      case 'MatchStatement':
        return { kind: 'Unsupported', construct: 'match', ...span };
      case 'YieldStatement':
        return { kind: 'Unsupported', construct: 'yield', ...span };
      case 'TypeDefinition':
        return { kind: 'Unsupported', construct: 'type alias', ...span };
      default:
        throw syntaxError(this.#source, raw.from);
    }
  }

  #one(raw: Raw | undefined, around: Raw): Expression {
    if (raw === undefined) throw syntaxError(this.#source, around.to);
    return this.#expressions.one(raw);
  }

  #optional(parts: readonly Raw[]): Expression | undefined {
    return parts.length === 0 ? undefined : this.#expressions.list(parts);
  }

  #targets(parts: readonly Raw[]): Expression[] {
    return splitAt(parts, ',').map((part) => this.#target(part));
  }

  #target(parts: readonly Raw[]): Expression {
    const target = this.#expressions.list(parts);
    checkTarget(target, this.#source);
    return target;
  }

  #assign(raw: Raw): Statement {
    const span = { start: raw.from, end: raw.to };
    const annotation = raw.children.find(({ name }) => name === 'TypeDef');
    const groups = splitAt(
      raw.children.filter((child) => child !== annotation),
      'AssignOp',
    );
    const [first = []] = groups;
    const last = groups.at(-1) ?? [];
    if (annotation === undefined) {
      const targets = groups.slice(0, -1).map((group) => this.#target(group));
      return { kind: 'Assign', targets, value: this.#expressions.list(last), ...span };
    }
    const value = groups.length > 1 ? this.#expressions.list(last) : undefined;
    const type = this.#one(annotation.children[1], annotation);
    return { kind: 'AnnotatedAssign', target: this.#target(first), annotation: type, value, ...span };
  }

  #update(raw: Raw): Statement {
    const at = raw.children.findIndex(({ name }) => name === 'UpdateOp');
    const target = this.#target(raw.children.slice(0, at));
    if (target.kind === 'Tuple' || target.kind === 'List')
      throw syntaxError(this.#source, raw.from, 'illegal expression for augmented assignment');
    const operator = this.#expressions.text(raw.children[at]).slice(0, -1) as BinaryOperator;
    const value = this.#expressions.list(raw.children.slice(at + 1));
    return { kind: 'AugmentedAssign', target, operator, value, start: raw.from, end: raw.to };
  }

  #assert(raw: Raw): Statement {
    const [test = [], message = []] = splitAt(raw.children.slice(1), ',');
    const span = { start: raw.from, end: raw.to };
    return { kind: 'Assert', test: this.#expressions.list(test), message: this.#optional(message), ...span };
  }

  #scope(raw: Raw): Statement {
    const kind = raw.children[0]?.name === 'global' ? 'Global' : 'Nonlocal';
    const names = raw.children
      .filter(({ name }) => name === 'VariableName')
      .map((name) => this.#expressions.text(name));
    return { kind, names, start: raw.from, end: raw.to };
  }

  #import(raw: Raw): Statement {
    const span = { start: raw.from, end: raw.to };
    const parts = raw.children.filter(({ name }) => name !== '(' && name !== ')');
    if (parts[0]?.name === 'import') return { kind: 'Import', names: this.#aliases(parts.slice(1)), ...span };
    const at = parts.findIndex(({ name }) => name === 'import');
    const origin = parts
      .slice(1, at)
      .map((part) => this.#expressions.text(part))
      .join('');
    const level = /^\.*/.exec(origin)?.[0].length ?? 0;
    return {
      kind: 'ImportFrom',
      module: origin.slice(level),
      level,
      names: this.#aliases(parts.slice(at + 1)),
      ...span,
    };
  }

  #aliases(parts: readonly Raw[]): Alias[] {
    return splitAt(parts, ',').map((group) => {
      const as = group.findIndex(({ name }) => name === 'as');
      const dotted = as === -1 ? group : group.slice(0, as);
      const alias = as === -1 ? undefined : this.#expressions.text(group[as + 1]);
      const name = dotted.map((part) => this.#expressions.text(part)).join('');
      return { name, alias, start: group[0]?.from ?? 0, end: group.at(-1)?.to ?? 0 };
    });
  }

  /** `[if|elif, test, Body, (elif, test, Body)..., else?, Body?]` */
  #if(parts: readonly Raw[], around: Surroundings, span: { start: number; end: number }): Statement {
    const [, test, body, next] = parts;
    const first = parts[0] as Raw;
    const rest = parts.slice(3);
    const otherwise =
      next === undefined
        ? []
        : next.name === 'elif'
          ? [this.#if(rest, around, { start: next.from, end: span.end })]
          : this.#body(parts[4], around);
    return { kind: 'If', test: this.#one(test, first), body: this.#body(body, around), otherwise, ...span };
  }

  #for(raw: Raw, around: Surroundings): Statement {
    const span = { start: raw.from, end: raw.to };
    const { children } = raw;
    if (children[0]?.name === 'async') return { kind: 'Unsupported', construct: 'async for', ...span };
    const at = children.findIndex(({ name }) => name === 'in');
    const body = children.findIndex(({ name }) => name === 'Body');
    const target = this.#target(children.slice(1, at));
    const iterable = this.#expressions.list(children.slice(at + 1, body));
    return { kind: 'For', target, iterable, ...this.#loopBodies(children, around), ...span };
  }

  #loopBodies(children: readonly Raw[], around: Surroundings) {
    const [body, otherwise] = children.filter(({ name }) => name === 'Body');
    return {
      body: this.#body(body, { ...around, inLoop: true }),
      otherwise: otherwise === undefined ? [] : this.#body(otherwise, around),
    };
  }

  #body(raw: Raw | undefined, around: Surroundings): Statement[] {
    return this.all(raw?.children.slice(1) ?? [], around, raw);
  }

  #with(raw: Raw, around: Surroundings): Statement {
    const span = { start: raw.from, end: raw.to };
    if (raw.children[0]?.name === 'async') return { kind: 'Unsupported', construct: 'async with', ...span };
    const body = raw.children.at(-1);
    const items: With['items'] = splitAt(raw.children.slice(1, -1), ',').map((group) => ({
      context: this.#one(group[0], raw),
      name: group[2] === undefined ? undefined : this.#expressions.text(group[2]),
    }));
    return { kind: 'With', items, body: this.#body(body, around), ...span };
  }

  #try(raw: Raw, around: Surroundings): Statement {
    const handlers: Handler[] = [];
    const bodies: Record<'try' | 'else' | 'finally', Statement[]> = { try: [], else: [], finally: [] };
    let head: Raw[] = [];
    for (const part of raw.children) {
      if (part.name !== 'Body') {
        head.push(part);
        continue;
      }
      const keyword = head[0]?.name ?? '';
      const body = this.#body(part, around);
      if (keyword === 'except') handlers.push(this.#handler(head, body, part));
      else bodies[keyword as 'try'] = body;
      head = [];
    }
    const { try: body, else: otherwise, finally: last } = bodies;
    return { kind: 'Try', body, handlers, otherwise, finally: last, start: raw.from, end: raw.to };
  }

  #handler(head: readonly Raw[], body: readonly Statement[], part: Raw): Handler {
    const [first, type, , name] = head;
    return {
      type: type === undefined ? undefined : this.#expressions.one(type),
      name: name === undefined ? undefined : this.#expressions.text(name),
      body,
      start: first?.from ?? part.from,
      end: part.to,
    };
  }

  #decorated(raw: Raw): Statement {
    const decorators = raw.children.filter(({ name }) => name === 'Decorator');
    const definition = raw.children.at(-1);
    if (definition === undefined) throw syntaxError(this.#source, raw.to);
    return this.#definition(
      definition,
      decorators.map(({ from, to }) => ({ start: from, end: to })),
    );
  }

  #definition(raw: Raw, decorators: { start: number; end: number }[]): Statement {
    const span = { start: raw.from, end: raw.to };
    const find = (name: string) => raw.children.find((child) => child.name === name);
    if (find('async')) return { kind: 'Unsupported', construct: 'async def', ...span };
    const name = this.#expressions.text(find('VariableName'));
    const body = this.#body(raw.children.at(-1), { inFunction: raw.name === 'FunctionDefinition', inLoop: false });
    if (raw.name === 'FunctionDefinition') {
      const parameters = this.#expressions.parameters(find('ParamList'));
      return { kind: 'FunctionDefinition', name, parameters, body, decorators, ...span };
    }
    const args = find('ArgList');
    return {
      kind: 'ClassDefinition',
      name,
      args: args === undefined ? [] : this.#expressions.args(args),
      body,
      decorators,
      ...span,
    };
  }
}
