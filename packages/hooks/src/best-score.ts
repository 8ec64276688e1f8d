/** Decides whether a metric got better: by an explicit rule or by what its name says (spec: MMEngine's CheckpointHook). */
import { hooksErrors } from './errors.js';

export type Rule = 'greater' | 'less';

export const defaultGreaterKeys: readonly string[] = [
  'acc',
  'top',
  'AR@',
  'auc',
  'precision',
  'mAP',
  'mDice',
  'mIoU',
  'mAcc',
  'aAcc',
];
export const defaultLessKeys: readonly string[] = ['loss'];

export interface RuleKeys {
  readonly greaterKeys: readonly string[];
  readonly lessKeys: readonly string[];
  /** The option that names the metric, for the message; default `saveBest`. */
  readonly option?: string;
}

/**
 * The rule for a metric's name, ignoring case: exact name among the greater keys, then the less keys, then containing one of
 * the greater keys, then of the less keys.
 * @throws `ENGINE_HOOKS_NO_RULE`
 */
export function inferRule(metric: string, { greaterKeys, lessKeys, option = 'saveBest' }: RuleKeys): Rule {
  const name = metric.toLowerCase();
  const greater = greaterKeys.map((key) => key.toLowerCase());
  const less = lessKeys.map((key) => key.toLowerCase());
  if (greater.includes(name)) return 'greater';
  if (less.includes(name)) return 'less';
  if (greater.some((key) => name.includes(key))) return 'greater';
  if (less.some((key) => name.includes(key))) return 'less';
  throw hooksErrors.NO_RULE({
    subject: metric,
    expected: `a name with one of ${[...greaterKeys, ...lessKeys].join(', ')} in it`,
    received: `${option} = ${JSON.stringify(metric)}`,
    action: "say it with rule: 'greater' or rule: 'less'",
  });
}

/** True when `score` beats `best`; the first score always does, NaN never. */
export function isBetter(rule: Rule, score: number, best: number | undefined): boolean {
  if (best === undefined) return !Number.isNaN(score);
  return rule === 'greater' ? score > best : score < best;
}
