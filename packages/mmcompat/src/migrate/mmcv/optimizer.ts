import { type Code, literalCode, literalOf, objectCode, propertyOf } from '../code.js';
import { fields, type OldConfig, without } from './old-config.js';

/** `optimizer`, `optimizer_config` and `fp16` → `optimWrapper`. */
export function optimizer(old: OldConfig): void {
  const optimizerCode = old.take('optimizer');
  if (optimizerCode !== undefined) {
    if (!old.isPatch) old.put('optim_wrapper', 'type', literalCode('OptimWrapper'), 'optimizer');
    old.put(
      'optim_wrapper',
      'optimizer',
      without(optimizerCode, 'constructor', 'paramwise_cfg', 'paramwiseCfg'),
      'optimizer',
    );
    old.put('optim_wrapper', 'constructor', propertyOf(optimizerCode, 'constructor'), 'optimizer');
    old.put('optim_wrapper', 'paramwiseCfg', camelMultipliers(propertyOf(optimizerCode, 'paramwise_cfg')), 'optimizer');
  }
  optimizerConfig(old);
  mixedPrecision(old);
}

const multipliers: Readonly<Record<string, string>> = {
  bias_lr_mult: 'biasLrMult',
  bias_decay_mult: 'biasDecayMult',
  norm_decay_mult: 'normDecayMult',
  dwconv_decay_mult: 'dwconvDecayMult',
  flat_decay_mult: 'flatDecayMult',
  dcn_offset_lr_mult: 'dcnOffsetLrMult',
  bypass_duplicate: 'bypassDuplicate',
  custom_keys: 'customKeys',
  lr_mult: 'lrMult',
  decay_mult: 'decayMult',
};

/** Keys that the constructors here declare; those of a constructor of the user's own stay, and so do names of parameters. */
function camelMultipliers(code: Code | undefined, isCustom = false): Code | undefined {
  if (code?.kind !== 'object') return code;
  return objectCode(
    code.properties.map((each) => {
      const key = each.key === undefined || isCustom ? each.key : (multipliers[each.key] ?? each.key);
      return { ...each, key, value: camelMultipliers(each.value, key === 'customKeys') ?? each.value };
    }),
    code.tail,
  );
}

function optimizerConfig(old: OldConfig): void {
  const config = old.take('optimizer_config');
  const given = fields(config);
  const type = literalOf(given.get('type'));
  const clip = given.get('grad_clip');
  const isNone = literalOf(clip) === null;
  if (clip !== undefined && (!isNone || old.isPatch))
    old.put('optim_wrapper', 'clipGrad', isNone ? literalCode(null) : clipGrad(clip), 'optimizer_config');
  old.put(
    'optim_wrapper',
    'accumulativeCounts',
    given.get('cumulative_iters') ?? given.get('update_interval'),
    'optimizer_config',
  );
  if (typeof type === 'string') wrapperType(old, type, given);
  for (const key of ['detect_anomalous_params', 'coalesce', 'bucket_size_mb', 'use_fp16'])
    if (given.has(key)) old.warn('optimizer_config', `optimizer_config.${key} has no counterpart and is left out`);
}

function clipGrad(code: Code): Code {
  const names: Readonly<Record<string, string>> = {
    max_norm: 'maxNorm',
    norm_type: 'normType',
    clip_value: 'clipValue',
  };
  if (code.kind !== 'object') return code;
  return objectCode(
    code.properties.map((each) => ({
      ...each,
      key: each.key === undefined ? undefined : (names[each.key] ?? each.key),
    })),
    code.tail,
  );
}

function wrapperType(old: OldConfig, type: string, given: ReadonlyMap<string, Code>): void {
  if (/^(OptimizerHook|DistOptimizerHook|GradientCumulativeOptimizerHook)$/.test(type)) return;
  if (type.endsWith('Fp16OptimizerHook')) {
    old.put('optim_wrapper', 'type', literalCode('AmpOptimWrapper'), 'optimizer_config');
    old.put('optim_wrapper', 'lossScale', given.get('loss_scale'), 'optimizer_config');
    return;
  }
  old.warn('optimizer_config', `the optimizer hook ${type} has no counterpart: write an optimizer wrapper`);
}

function mixedPrecision(old: OldConfig): void {
  const fp16 = old.take('fp16');
  if (fp16 === undefined || literalOf(fp16) === null) return;
  old.put('optim_wrapper', 'type', literalCode('AmpOptimWrapper'), 'fp16');
  const scale = propertyOf(fp16, 'loss_scale');
  old.put('optim_wrapper', 'lossScale', scale ?? (old.isPatch ? undefined : literalCode('dynamic')), 'fp16');
}
