/** What the source of a module says about the values that it exports, without running it. */
import type { SourceLocation } from '@engine/core';
import type { Argument, CallExpression, Expression, ObjectExpression, ObjectProperty, PropertyKey } from 'oxc-parser';
import type { SourceModule } from './source-module.js';

export type Shape =
  | { readonly kind: 'literal' }
  | {
      readonly kind: 'object';
      readonly entries: ReadonlyMap<string, Placed>;
      /** A spread that cannot be read off, from which other keys come. */
      readonly rest: SourceLocation | undefined;
    }
  | { readonly kind: 'list'; readonly items: readonly Placed[] }
  /** `extendConfig(bases, patch)`. */
  | { readonly kind: 'extended'; readonly bases: readonly (Shape | undefined)[]; readonly patch: Shape | undefined };

/** A value and its place; no shape for what a program works out. */
export interface Placed {
  readonly at: SourceLocation;
  readonly shape: Shape | undefined;
}

const LITERAL: Shape = { kind: 'literal' };
const MAX_STEPS = 200;

/** What an expression of `module` evaluates to, as far as it can be read off. */
export function shapeOf(given: Expression | Argument | undefined, module: SourceModule, steps = 0): Shape | undefined {
  if (given === undefined || steps > MAX_STEPS) return undefined;
  const expression = unwrap(given);
  const next = (inner: Expression | Argument): Shape | undefined => shapeOf(inner, module, steps + 1);
  const { type } = expression;
  if (type === 'Literal') return LITERAL;
  if (type === 'TemplateLiteral') return expression.expressions.length === 0 ? LITERAL : undefined;
  if (type === 'UnaryExpression') return next(expression.argument)?.kind === 'literal' ? LITERAL : undefined;
  if (type === 'ObjectExpression') return objectShape(expression, module, steps);
  if (type === 'ArrayExpression') return listShape(expression.elements, module, steps);
  if (type === 'CallExpression') return callShape(expression, next);
  if (type === 'Identifier')
    return module.isKnown(expression.name) ? module.shapeOfName(expression.name, steps + 1) : LITERAL;
  if (type !== 'MemberExpression') return undefined;
  const of = next(expression.object);
  const key = !expression.computed && 'name' in expression.property ? expression.property.name : '';
  return of?.kind === 'object' ? of.entries.get(key)?.shape : undefined;
}

/** Without what only the compiler reads. */
function unwrap(expression: Expression | Argument): Expression | Argument {
  const { type } = expression;
  const isWrapper =
    type === 'TSAsExpression' ||
    type === 'TSSatisfiesExpression' ||
    type === 'TSNonNullExpression' ||
    type === 'TSTypeAssertion' ||
    type === 'ParenthesizedExpression';
  return isWrapper ? unwrap(expression.expression) : expression;
}

function callShape(
  { callee, arguments: [first, second, third] }: CallExpression,
  next: (inner: Argument) => Shape | undefined,
): Shape | undefined {
  const name = callee.type === 'Identifier' ? callee.name : undefined;
  if (name === 'defineConfig') return withVariables(first && next(first), second && next(second));
  if (name !== 'extendConfig') return undefined;
  const bases = first && next(first);
  return {
    kind: 'extended',
    bases: bases?.kind === 'list' ? bases.items.map((item) => item.shape) : [],
    patch: withVariables(second && next(second), third && next(third)),
  };
}

/** The sections of a config and the variables beside them are one object in the end. */
function withVariables(config: Shape | undefined, variables: Shape | undefined): Shape | undefined {
  if (config?.kind !== 'object' || variables?.kind !== 'object') return config ?? variables;
  return { ...config, entries: new Map([...config.entries, ...variables.entries]) };
}

function objectShape({ properties }: ObjectExpression, module: SourceModule, steps: number): Shape {
  const entries = new Map<string, Placed>();
  let rest: SourceLocation | undefined;
  for (const property of properties) {
    if (property.type === 'Property') {
      const key = keyOf(property);
      if (key === undefined) continue;
      entries.set(key, { at: module.place(property.key.start), shape: shapeOf(property.value, module, steps + 1) });
    } else {
      const spread = shapeOf(property.argument, module, steps + 1);
      if (spread?.kind === 'object') for (const [key, placed] of spread.entries) entries.set(key, placed);
      else rest = module.place(property.start);
    }
  }
  return { kind: 'object', entries, rest };
}

function keyOf({ key, computed }: ObjectProperty): string | undefined {
  return !computed && key.type === 'Identifier' ? key.name : literalKey(key);
}

function literalKey(key: PropertyKey): string | undefined {
  return key.type === 'Literal' ? String(key.value) : undefined;
}

/** A list with a spread that cannot be read off has no places after it. */
function listShape(elements: readonly (Argument | null)[], module: SourceModule, steps: number): Shape {
  const items: Placed[] = [];
  for (const element of elements) {
    if (element === null) return { kind: 'list', items };
    if (element.type !== 'SpreadElement') {
      items.push({ at: module.place(element.start), shape: shapeOf(element, module, steps + 1) });
      continue;
    }
    const spread = shapeOf(element.argument, module, steps + 1);
    if (spread?.kind !== 'list') return { kind: 'list', items };
    items.push(...spread.items);
  }
  return { kind: 'list', items };
}
