import type { MetricValue, MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';

/**
 * The value that a short name means: `accuracy/top1`, or `top1` where one metric only gives a value of that last part.
 *
 * @throws `ENGINE_EVALUATOR_UNKNOWN_VALUE` if there is none, `ENGINE_EVALUATOR_AMBIGUOUS_VALUE` if there are several
 */
export function metricValue(indicator: string, values: MetricValues): MetricValue {
  const names = Object.keys(values);
  const matches = indicator.includes('/')
    ? names.filter((name) => name === indicator)
    : names.filter((name) => name.split('/').at(-1) === indicator);
  const [match, ...more] = matches;
  if (match === undefined) {
    throw evaluatorErrors.UNKNOWN_VALUE({
      subject: indicator,
      expected: 'the name of a value that a metric gives',
      received: `${indicator}; there are ${names.join(', ') || 'none'}`,
      action: 'write one of those names',
    });
  }
  if (more.length > 0) {
    throw evaluatorErrors.AMBIGUOUS_VALUE({
      subject: indicator,
      expected: 'a name that one value has',
      received: `${indicator}, which ${matches.join(' and ')} end in`,
      action: `write one of them in full, ${match} for one`,
    });
  }
  return values[match] as MetricValue;
}
