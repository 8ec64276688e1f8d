import { type Code, listOf, literalCode, literalOf, objectCode, objectOf, propertyOf, structureOf } from '../code.js';
import { fields, type OldConfig, renamed } from './old-config.js';

/** `checkpoint_config`, `log_config` and `custom_hooks` → `defaultHooks`, `customHooks`, `visBackends` and `logProcessor`. */
export function hooks(old: OldConfig): void {
  checkpoint(old);
  log(old);
  customHooks(old);
}

const checkpointKeys: Readonly<Record<string, string>> = {
  by_epoch: 'byEpoch',
  max_keep_ckpts: 'maxKeepCkpts',
  save_optimizer: 'saveOptimizer',
  save_last: 'saveLast',
  out_dir: 'outDir',
  filename_tmpl: 'filenameTmpl',
};

function checkpoint(old: OldConfig): void {
  const code = old.take('checkpoint_config');
  const best = saveBest(old);
  const given = fields(code);
  for (const key of ['create_symlink', 'sync_buffer', 'meta', 'file_client_args'])
    if (given.has(key)) old.warn('checkpoint_config', `checkpoint_config.${key} has no counterpart and is left out`);
  const own = code === undefined ? [] : withoutKeys(renamed(structureOf(code), checkpointKeys));
  if (code === undefined && best.length === 0) return;
  const type = old.isPatch ? [] : objectOf({ type: literalCode('CheckpointHook') }).properties;
  const from = code === undefined ? 'evaluation' : 'checkpoint_config';
  old.put('default_hooks', 'checkpoint', objectCode([...type, ...own, ...best]), from);
}

function withoutKeys(code: Code): ReturnType<typeof objectOf>['properties'] {
  const dropped = ['type', 'create_symlink', 'sync_buffer', 'meta', 'file_client_args'];
  return code.kind === 'object' ? code.properties.filter(({ key }) => key === undefined || !dropped.includes(key)) : [];
}

/** `evaluation.save_best` is the checkpoint hook's business now. */
function saveBest(old: OldConfig): ReturnType<typeof objectOf>['properties'] {
  const given = old.has('evaluation') ? fields(old.ownCode('evaluation')) : new Map<string, Code>();
  return objectOf({ saveBest: given.get('save_best'), rule: given.get('rule') }).properties;
}

/** Loggers of MMCV and the visualization backends that took over. */
const backends: Readonly<Record<string, string>> = {
  TensorboardLoggerHook: 'TensorboardVisBackend',
  WandbLoggerHook: 'WandbVisBackend',
  MlflowLoggerHook: 'MLflowVisBackend',
  ClearMLLoggerHook: 'ClearMLVisBackend',
  NeptuneLoggerHook: 'NeptuneVisBackend',
  DvcliveLoggerHook: 'DVCLiveVisBackend',
  MMDetWandbHook: 'WandbVisBackend',
};

function log(old: OldConfig): void {
  const code = old.take('log_config');
  if (code === undefined) return;
  const given = fields(code);
  const interval = given.get('interval');
  const type = old.isPatch ? undefined : literalCode('LoggerHook');
  old.put('default_hooks', 'logger', objectOf({ type, interval, ignoreLast: given.get('ignore_last') }), 'log_config');
  const hookList = given.get('hooks');
  const list = hookList === undefined ? undefined : structureOf(hookList);
  const loggers = list?.kind === 'array' ? list.items.map((item) => item.value) : [];
  const text = loggers.find((logger) => literalOf(propertyOf(logger, 'type')) === 'TextLoggerHook');
  const byEpoch = propertyOf(text, 'by_epoch');
  if (interval !== undefined || byEpoch !== undefined)
    old.set(
      'log_processor',
      objectOf({
        type: type === undefined ? undefined : literalCode('LogProcessor'),
        windowSize: interval,
        byEpoch: byEpoch ?? (old.isPatch ? undefined : countsEpochs(old)),
      }),
      'log_config',
    );
  visBackends(
    old,
    loggers.filter((logger) => logger !== text),
  );
}

function countsEpochs(old: OldConfig): Code {
  return literalCode(!fields(old.whole('runner')).has('max_iters'));
}

function visBackends(old: OldConfig, loggers: readonly Code[]): void {
  const made = loggers.flatMap((logger): Code[] => {
    const type = String(literalOf(propertyOf(logger, 'type')));
    const backend = backends[type];
    if (backend === undefined) {
      old.warn('log_config', `the logger ${type} has no counterpart and is left out`);
      return [];
    }
    return [objectOf({ type: literalCode(backend), initKwargs: propertyOf(logger, 'init_kwargs') })];
  });
  if (made.length > 0)
    old.set('vis_backends', listOf([objectOf({ type: literalCode('LocalVisBackend') }), ...made]), 'log_config');
}

/** Hooks of MMCV that are called otherwise now. */
const hookNames: Readonly<Record<string, string>> = {
  ExpMomentumEMAHook: 'EMAHook',
  LinearMomentumEMAHook: 'EMAHook',
  SyncNormHook: 'SyncBuffersHook',
  SyncBuffersHook: 'SyncBuffersHook',
};

/** Hooks that nothing has taken over. */
const gone = [
  'ProfilerHook',
  'PaviLoggerHook',
  'IterTimerHook',
  'OptimizerHook',
  'EvalHook',
  'DistEvalHook',
  'CheckpointHook',
  'LrUpdaterHook',
  'MomentumUpdaterHook',
];

function customHooks(old: OldConfig): void {
  const code = old.ownCode('custom_hooks');
  if (code?.kind !== 'array') return;
  old.take('custom_hooks');
  const items = code.items.flatMap((item) => {
    const type = literalOf(propertyOf(item.value, 'type'));
    if (typeof type !== 'string' || item.value.kind !== 'object') return [item];
    if (gone.includes(type)) {
      old.warn('custom_hooks', `the hook ${type} has no counterpart and is left out`);
      return [];
    }
    const name = hookNames[type];
    const properties = item.value.properties.map((each) =>
      each.key === 'type' && name !== undefined ? { ...each, value: literalCode(name) } : each,
    );
    return [{ ...item, value: objectCode(properties, item.value.tail) }];
  });
  old.set('custom_hooks', { ...code, items }, 'custom_hooks');
}
