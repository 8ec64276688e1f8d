/**
 * The syntax tree of a Python file, in the terms of Python's own `ast` module. Every node knows its place: `start` and `end` are offsets
 * into the text, turned into lines and columns by {@link PythonSource}.
 */
import type { PythonSource } from './source.js';

export interface Spanned {
  readonly start: number;
  readonly end: number;
}

export interface Module {
  readonly kind: 'Module';
  readonly body: readonly Statement[];
  /** Every comment, in order, from the `#` to the end of its line. */
  readonly comments: readonly Comment[];
  readonly source: PythonSource;
}

export interface Comment extends Spanned {
  /** With its `#`. */
  readonly text: string;
}

/** `...`, the only value of its type. */
export interface EllipsisValue {
  readonly ellipsis: true;
}

export type Expression =
  | Constant
  | Name
  | Attribute
  | Subscript
  | Slice
  | Call
  | Sequence
  | Starred
  | Dict
  | BinaryOperation
  | UnaryOperation
  | BooleanOperation
  | Comparison
  | Conditional
  | Lambda
  | NamedExpression
  | JoinedString
  | Comprehension
  | DictComprehension
  | UnsupportedExpression;

/** A literal. An integer is a bigint, a float a number: Python keeps them apart. Bytes are a Uint8Array. */
export interface Constant extends Spanned {
  readonly kind: 'Constant';
  readonly value: null | boolean | bigint | number | string | Uint8Array | EllipsisValue;
}

export interface Name extends Spanned {
  readonly kind: 'Name';
  readonly id: string;
}

export interface Attribute extends Spanned {
  readonly kind: 'Attribute';
  readonly value: Expression;
  readonly attr: string;
}

export interface Subscript extends Spanned {
  readonly kind: 'Subscript';
  readonly value: Expression;
  readonly index: Expression;
}

/** `lower:upper:step`, only as the index of a {@link Subscript}. */
export interface Slice extends Spanned {
  readonly kind: 'Slice';
  readonly lower: Expression | undefined;
  readonly upper: Expression | undefined;
  readonly step: Expression | undefined;
}

export interface Call extends Spanned {
  readonly kind: 'Call';
  readonly func: Expression;
  readonly args: readonly Argument[];
}

/** `value`, `*value`, `name=value` or `**value`. */
export interface Argument extends Spanned {
  readonly form: 'positional' | 'star' | 'keyword' | 'doubleStar';
  readonly name: string | undefined;
  readonly value: Expression;
}

export interface Sequence extends Spanned {
  readonly kind: 'List' | 'Tuple' | 'Set';
  readonly items: readonly Expression[];
}

/** `*value` in a sequence, an assignment target or a subscript. */
export interface Starred extends Spanned {
  readonly kind: 'Starred';
  readonly value: Expression;
}

export interface Dict extends Spanned {
  readonly kind: 'Dict';
  /** Without a key: `**value`. */
  readonly entries: readonly DictItem[];
}

export interface DictItem extends Spanned {
  readonly key: Expression | undefined;
  readonly value: Expression;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '@' | '**' | '<<' | '>>' | '&' | '|' | '^';

export interface BinaryOperation extends Spanned {
  readonly kind: 'BinaryOperation';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface UnaryOperation extends Spanned {
  readonly kind: 'UnaryOperation';
  readonly operator: '+' | '-' | '~' | 'not';
  readonly operand: Expression;
}

export interface BooleanOperation extends Spanned {
  readonly kind: 'BooleanOperation';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

/** `first < operands[0] <= operands[1] ...` with `operators[i]` before `operands[i]`. */
export interface Comparison extends Spanned {
  readonly kind: 'Comparison';
  readonly first: Expression;
  readonly operators: readonly ComparisonOperator[];
  readonly operands: readonly Expression[];
}

export interface Conditional extends Spanned {
  readonly kind: 'Conditional';
  readonly test: Expression;
  readonly body: Expression;
  readonly otherwise: Expression;
}

export interface Lambda extends Spanned {
  readonly kind: 'Lambda';
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

/** One of a function's parameters; a bare `star` has no name. The `/` after positional-only ones is dropped. */
export interface Parameter extends Spanned {
  readonly form: 'plain' | 'star' | 'doubleStar';
  readonly name: string | undefined;
  readonly value: Expression | undefined;
}

/** `name := value` */
export interface NamedExpression extends Spanned {
  readonly kind: 'NamedExpression';
  readonly target: Name;
  readonly value: Expression;
}

/** An f-string: texts and replacements in turn. */
export interface JoinedString extends Spanned {
  readonly kind: 'JoinedString';
  readonly parts: readonly (string | Replacement)[];
}

export interface Replacement extends Spanned {
  readonly value: Expression;
  /** The text before the value of `{value=}`. */
  readonly selfDoc: string | undefined;
  readonly conversion: 's' | 'r' | 'a' | undefined;
  readonly spec: readonly (string | Replacement)[] | undefined;
}

export interface Generator {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

export interface Comprehension extends Spanned {
  readonly kind: 'ListComprehension' | 'SetComprehension' | 'GeneratorExpression';
  readonly element: Expression;
  readonly generators: readonly Generator[];
}

export interface DictComprehension extends Spanned {
  readonly kind: 'DictComprehension';
  readonly key: Expression;
  readonly value: Expression;
  readonly generators: readonly Generator[];
}

/** Valid Python that no config needs: `await`, `yield`. */
export interface UnsupportedExpression extends Spanned {
  readonly kind: 'Unsupported';
  /** What Python calls it. */
  readonly construct: string;
}

export type Statement =
  | Assign
  | AugmentedAssign
  | AnnotatedAssign
  | ExpressionStatement
  | Delete
  | Simple
  | Return
  | Raise
  | Assert
  | Scope
  | Import
  | ImportFrom
  | If
  | For
  | While
  | With
  | Try
  | FunctionDefinition
  | ClassDefinition
  | UnsupportedStatement;

/** `a = b = value` has two targets. */
export interface Assign extends Spanned {
  readonly kind: 'Assign';
  readonly targets: readonly Expression[];
  readonly value: Expression;
}

export interface AugmentedAssign extends Spanned {
  readonly kind: 'AugmentedAssign';
  readonly target: Expression;
  readonly operator: BinaryOperator;
  readonly value: Expression;
}

export interface AnnotatedAssign extends Spanned {
  readonly kind: 'AnnotatedAssign';
  readonly target: Expression;
  readonly annotation: Expression;
  readonly value: Expression | undefined;
}

export interface ExpressionStatement extends Spanned {
  readonly kind: 'Expression';
  readonly value: Expression;
}

export interface Delete extends Spanned {
  readonly kind: 'Delete';
  readonly targets: readonly Expression[];
}

export interface Simple extends Spanned {
  readonly kind: 'Pass' | 'Break' | 'Continue';
}

export interface Return extends Spanned {
  readonly kind: 'Return';
  readonly value: Expression | undefined;
}

export interface Raise extends Spanned {
  readonly kind: 'Raise';
  readonly value: Expression | undefined;
}

export interface Assert extends Spanned {
  readonly kind: 'Assert';
  readonly test: Expression;
  readonly message: Expression | undefined;
}

export interface Scope extends Spanned {
  readonly kind: 'Global' | 'Nonlocal';
  readonly names: readonly string[];
}

export interface Alias extends Spanned {
  /** Dotted for `import a.b`; `*` for `from a import *`. */
  readonly name: string;
  readonly alias: string | undefined;
}

export interface Import extends Spanned {
  readonly kind: 'Import';
  readonly names: readonly Alias[];
}

export interface ImportFrom extends Spanned {
  readonly kind: 'ImportFrom';
  /** Without the leading dots; empty for `from . import x`. */
  readonly module: string;
  /** How many dots. */
  readonly level: number;
  readonly names: readonly Alias[];
}

export interface If extends Spanned {
  readonly kind: 'If';
  readonly test: Expression;
  readonly body: readonly Statement[];
  /** An `elif` is an `If` alone in here. */
  readonly otherwise: readonly Statement[];
}

export interface For extends Spanned {
  readonly kind: 'For';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface While extends Spanned {
  readonly kind: 'While';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface With extends Spanned {
  readonly kind: 'With';
  readonly items: readonly { readonly context: Expression; readonly name: string | undefined }[];
  readonly body: readonly Statement[];
}

export interface Try extends Spanned {
  readonly kind: 'Try';
  readonly body: readonly Statement[];
  readonly handlers: readonly Handler[];
  readonly otherwise: readonly Statement[];
  readonly finally: readonly Statement[];
}

export interface Handler extends Spanned {
  readonly type: Expression | undefined;
  readonly name: string | undefined;
  readonly body: readonly Statement[];
}

export interface FunctionDefinition extends Spanned {
  readonly kind: 'FunctionDefinition';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly decorators: readonly Spanned[];
}

export interface ClassDefinition extends Spanned {
  readonly kind: 'ClassDefinition';
  readonly name: string;
  readonly args: readonly Argument[];
  readonly body: readonly Statement[];
  readonly decorators: readonly Spanned[];
}

/** Valid Python that no config needs: `match`, `async for`, ... */
export interface UnsupportedStatement extends Spanned {
  readonly kind: 'Unsupported';
  readonly construct: string;
}

export type Node = Expression | Statement;
