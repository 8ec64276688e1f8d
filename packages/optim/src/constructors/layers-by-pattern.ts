/** Tells from regular expressions how deep in a network each parameter stands. */
import { optimErrors } from '../errors.js';
import { type LayerPlan, someOf } from './layer-plan.js';

/**
 * Layers by regular expressions: the first that is found in a name decides, then the numbers that it captures (one that is not there
 * counts as 0); in that order the layers follow each other, from 0. What no expression is found in comes last.
 *
 * @throws `ENGINE_OPTIM_UNKNOWN_LAYERS`
 */
export function planByPatterns(names: readonly string[], patterns: readonly string[]): LayerPlan {
  const expressions = expressionsOf(names, patterns);
  const placeOf = (name: string): readonly number[] | undefined => {
    for (const [index, expression] of expressions.entries()) {
      const found = expression.exec(name);
      if (found !== null) return [index, ...found.slice(1).map((digits) => Number(digits ?? 0))];
    }
    return undefined;
  };
  const places = new Map(
    names.flatMap((name) => {
      const place = placeOf(name);
      return place === undefined ? [] : [[place.join(' '), place] as const];
    }),
  );
  const order = [...places.values()].sort(byNumbers).map((place) => place.join(' '));
  if (order.length === 0 || [...places.values()].flat().some(Number.isNaN)) throw unknownPatterns(names, patterns);
  return {
    last: order.length,
    idOf: (name) => {
      const place = placeOf(name);
      return place === undefined ? order.length : order.indexOf(place.join(' '));
    },
  };
}

function expressionsOf(names: readonly string[], patterns: readonly string[]): RegExp[] {
  try {
    return patterns.map((pattern) => new RegExp(pattern));
  } catch (error) {
    throw unknownPatterns(names, patterns, error);
  }
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

function unknownPatterns(names: readonly string[], patterns: readonly string[], cause?: unknown): Error {
  return optimErrors.UNKNOWN_LAYERS({
    subject: 'paramwiseCfg.layers',
    expected: 'regular expressions that are found in parameter names, and capture digits only',
    received: cause instanceof Error ? cause.message : `${patterns.join(', ')}, and the names ${someOf(names)}`,
    action: 'correct the expressions',
  });
}
