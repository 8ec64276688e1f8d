/** Comprehensions as `map`, `filter` and `flatMap`. */
import type { Comprehension, DictComprehension, Expression, Generator } from '../syntax/index.js';
import { arrayCode, type Code, level, structureOf, textCode, typeOf, type ValueType } from './code.js';
import { arrowBody, inParentheses, type Translator } from './operators.js';
import type { Place } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

type Node = Comprehension | DictComprehension;

export function translateComprehension(expressions: Translator, node: Node, place: Place): Code {
  const element = (inner: Translator): Code =>
    node.kind === 'DictComprehension'
      ? arrayCode(
          [node.key, node.value].map((part) => ({
            value: inner.translate(part),
            isSpread: false,
            lead: [],
            trail: undefined,
          })),
        )
      : inner.translate(node.element, inner.names.spelling.item(place));
  const list = loops(expressions, node.generators, element, node);
  return node.kind === 'DictComprehension' ? textCode(['Object.fromEntries(', list, ')'], 'object') : list;
}

function loops(
  expressions: Translator,
  [generator, ...inner]: readonly Generator[],
  element: (inner: Translator) => Code,
  node: Node,
): Code {
  if (generator === undefined) throw new Untranslatable(node, 'a comprehension without a loop');
  const { list, itemType } = iterable(expressions, generator.iterable);
  const { pattern, scope } = bind(expressions, generator.target, itemType);
  const filtered = generator.conditions.map((condition) => {
    const test = scope.translate(condition);
    if (typeOf(test) !== 'boolean') throw new Untranslatable(condition, 'a condition that is no boolean');
    return ['.filter((', pattern, ') => ', test, ')'];
  });
  const isLast = inner.length === 0;
  const body = isLast ? element(scope) : loops(scope, inner, element, node);
  const call = isLast ? 'map' : 'flatMap';
  return textCode(
    [inParentheses(list, level.atom), ...filtered.flat(), `.${call}((`, pattern, ') => ', arrowBody(body), ')'],
    'list',
  );
}

function iterable(expressions: Translator, node: Expression): { readonly list: Code; readonly itemType: ValueType } {
  const list = expressions.translate(node);
  if (typeOf(list) !== 'list') throw new Untranslatable(node, 'a loop over something that is no list');
  if (node.kind === 'Call') return { list, itemType: 'int' };
  const known = structureOf(list);
  const types =
    known.kind === 'array' ? new Set(known.items.map((item) => (item.isSpread ? 'unknown' : typeOf(item.value)))) : [];
  const [type = 'unknown', ...others] = types;
  return { list, itemType: others.length === 0 ? type : 'unknown' };
}

function bind(
  expressions: Translator,
  target: Expression,
  itemType: ValueType,
): { readonly pattern: string; readonly scope: Translator } {
  const names = target.kind === 'Tuple' || target.kind === 'List' ? target.items : [target];
  const ids = names.map((name) => {
    if (name.kind !== 'Name') throw new Untranslatable(target, 'a loop over nested tuples');
    return name.id;
  });
  const isOne = target.kind === 'Name';
  const scope = expressions.names.inner(
    ids.map((id) => [id, textCode(expressions.names.identifier(id), isOne ? itemType : 'unknown')]),
  );
  const pattern = ids.map((id) => expressions.names.identifier(id)).join(', ');
  return { pattern: isOne ? pattern : `[${pattern}]`, scope: expressions.within(scope) };
}
