import { type Code, listOf, literalCode, literalOf, objectOf } from '../code.js';
import { fields, type OldConfig } from './old-config.js';

/** `lr_config` and `momentum_config` → `paramScheduler`: the warm-up and the schedule proper, one after the other. */
export function schedules(old: OldConfig): void {
  const isOwn = ['lr_config', 'momentum_config'].filter((name) => old.has(name));
  for (const name of isOwn) old.take(name);
  const [first] = isOwn;
  if (first === undefined) return;
  const list = [...scheduleOf(old, 'lr_config', 'LR'), ...scheduleOf(old, 'momentum_config', 'Momentum')];
  if (list.length > 0) old.set('param_scheduler', listOf(list), first);
}

type Suffix = 'LR' | 'Momentum';

interface Span {
  readonly byEpoch: Code;
  readonly begin: Code;
  readonly end: Code | undefined;
}

function scheduleOf(old: OldConfig, name: string, suffix: Suffix): Code[] {
  const config = old.whole(name);
  if (config === undefined) return [];
  const given = fields(config);
  const warm = warmup(old, { name, given, suffix });
  const main = mainSchedule(old, { name, given, suffix });
  return [...warm, ...main];
}

interface Request {
  readonly name: string;
  readonly given: ReadonlyMap<string, Code>;
  readonly suffix: Suffix;
}

/** `warmup_by_epoch` counts in epochs; everything else in iterations. */
function warmup(old: OldConfig, { name, given, suffix }: Request): Code[] {
  const kind = literalOf(given.get('warmup'));
  if (kind === undefined || kind === null) return [];
  const byEpoch = given.get('warmup_by_epoch') ?? literalCode(false);
  const span = { byEpoch, begin: literalCode(0), end: given.get('warmup_iters') };
  const ratio = given.get('warmup_ratio') ?? literalCode(0.1);
  if (kind === 'linear')
    return [objectOf({ type: literalCode(`Linear${suffix}`), startFactor: ratio, ...spanKeys(span) })];
  if (kind === 'constant')
    return [objectOf({ type: literalCode(`Constant${suffix}`), factor: ratio, ...spanKeys(span) })];
  old.warn(name, `the warm-up ${JSON.stringify(kind)} has no counterpart; a linear one takes its place`);
  return [objectOf({ type: literalCode(`Linear${suffix}`), startFactor: ratio, ...spanKeys(span) })];
}

function spanKeys({ byEpoch, begin, end }: Span): Readonly<Record<string, Code | undefined>> {
  return { byEpoch, begin, end };
}

type Policy = (given: ReadonlyMap<string, Code>, suffix: Suffix) => Readonly<Record<string, Code | undefined>>;

const gammaOf = (given: ReadonlyMap<string, Code>): Code => given.get('gamma') ?? literalCode(0.1);

/** What a policy of MMCV is called here, and its options. */
const policies: Readonly<Record<string, Policy>> = {
  step: (given, suffix) => {
    const step = given.get('step');
    const isEvery = typeof literalOf(step) === 'number';
    return isEvery
      ? { type: literalCode(`Step${suffix}`), stepSize: step, gamma: gammaOf(given) }
      : { type: literalCode(`MultiStep${suffix}`), milestones: step, gamma: gammaOf(given) };
  },
  exp: (given, suffix) => ({ type: literalCode(`Exponential${suffix}`), gamma: given.get('gamma') }),
  poly: (given, suffix) => ({
    type: literalCode(`Poly${suffix}`),
    power: given.get('power') ?? literalCode(1),
    etaMin: given.get(suffix === 'LR' ? 'min_lr' : 'min_momentum') ?? literalCode(0),
  }),
  CosineAnnealing: (given, suffix) => ({ type: literalCode(`CosineAnnealing${suffix}`), ...lowest(given, suffix) }),
  CosineRestart: (given, suffix) => ({
    type: literalCode(`CosineRestart${suffix}`),
    periods: given.get('periods'),
    restartWeights: given.get('restart_weights'),
    ...lowest(given, suffix),
  }),
  OneCycle: (given) => ({
    type: literalCode('OneCycleLR'),
    etaMax: given.get('max_lr'),
    totalSteps: given.get('total_steps'),
    pctStart: given.get('pct_start'),
    annealStrategy: given.get('anneal_strategy'),
    divFactor: given.get('div_factor'),
    finalDivFactor: given.get('final_div_factor'),
    threePhase: given.get('three_phase'),
  }),
};

function lowest(given: ReadonlyMap<string, Code>, suffix: Suffix): Readonly<Record<string, Code | undefined>> {
  const least = given.get(suffix === 'LR' ? 'min_lr' : 'min_momentum');
  const ratio = given.get(suffix === 'LR' ? 'min_lr_ratio' : 'min_momentum_ratio');
  return { etaMin: least, etaMinRatio: ratio };
}

function mainSchedule(old: OldConfig, request: Request): Code[] {
  const { name, given, suffix } = request;
  const policy = literalOf(given.get('policy'));
  if (policy === 'fixed') return [];
  if (policy === 'FlatCosineAnnealing') return flatCosine(old, request);
  const of = typeof policy === 'string' ? policies[policy] : undefined;
  if (of === undefined) {
    old.warn(name, `the policy ${JSON.stringify(policy)} of ${name} has no counterpart and is left out`);
    return [];
  }
  const span = wholeRun(old, given);
  const start = startAfterWarmup(given, policy);
  return [objectOf({ ...of(given, suffix), byEpoch: span.byEpoch, begin: start ?? span.begin, end: span.end })];
}

/** In MMCV the milestones count from the start of the run, so the schedule begins there; a cosine that follows a warm-up begins after it. */
function startAfterWarmup(given: ReadonlyMap<string, Code>, policy: unknown): Code | undefined {
  const isCurve = policy === 'CosineAnnealing' || policy === 'poly';
  const sameUnit = literalOf(given.get('by_epoch')) === false && literalOf(given.get('warmup_by_epoch')) !== true;
  return isCurve && sameUnit && typeof literalOf(given.get('warmup')) === 'string'
    ? given.get('warmup_iters')
    : undefined;
}

/** From the first step to the last, in epochs unless the policy or the runner counts in iterations. */
function wholeRun(old: OldConfig, given: ReadonlyMap<string, Code>): Span {
  const runner = fields(old.whole('runner'));
  const byEpoch = literalOf(given.get('by_epoch')) ?? !runner.has('max_iters');
  const end =
    byEpoch === true
      ? (runner.get('max_epochs') ?? old.whole('total_epochs'))
      : (runner.get('max_iters') ?? old.whole('total_iters'));
  return { byEpoch: literalCode(byEpoch === true), begin: literalCode(0), end };
}

/** Flat for `start_percent` of the run, then a cosine. */
function flatCosine(old: OldConfig, { name, given, suffix }: Request): Code[] {
  const span = wholeRun(old, given);
  const share = literalOf(given.get('start_percent')) ?? 0.75;
  const end = literalOf(span.end);
  if (typeof end !== 'number' || typeof share !== 'number') {
    old.warn(name, 'FlatCosineAnnealing needs the length of the run as a number; it is left out');
    return [];
  }
  const begin = literalCode(Math.round(end * share));
  return [
    objectOf({
      type: literalCode(`CosineAnnealing${suffix}`),
      ...lowest(given, suffix),
      byEpoch: span.byEpoch,
      begin,
      end: span.end,
    }),
  ];
}
