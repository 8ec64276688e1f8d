/** Configs of MMCV 1.x, in the terms of today. The rows of MMEngine's migration guide are in the tables of these files. */
import type { Analysis } from '../analyse.js';
import { data, pipelines } from './data.js';
import { environment } from './environment.js';
import { hooks } from './hooks.js';
import { loops } from './loops.js';
import { OldConfig } from './old-config.js';
import { optimizer } from './optimizer.js';
import { schedules } from './schedules.js';

const OLD = [
  'optimizer',
  'optimizer_config',
  'lr_config',
  'momentum_config',
  'runner',
  'total_epochs',
  'total_iters',
  'checkpoint_config',
  'log_config',
  'evaluation',
  'workflow',
  'dist_params',
  'resume_from',
  'fp16',
  'data',
];
const NEW = [
  'optim_wrapper',
  'param_scheduler',
  'train_dataloader',
  'val_dataloader',
  'test_dataloader',
  'default_hooks',
  'val_evaluator',
  'test_evaluator',
  'default_scope',
  'env_cfg',
  'visualizer',
  'log_processor',
];

/** Whether a config, or what it extends, is of MMCV's style: it sets its variables and none of MMEngine's. */
export function isOldStyle(analysis: Analysis): boolean {
  const names = allNames(analysis);
  return OLD.some((name) => names.has(name)) && !NEW.some((name) => names.has(name));
}

function allNames(analysis: Analysis): Set<string> {
  const own = analysis.drafts.map((draft) => draft.name);
  const above = analysis.bases.flatMap((base) => (base.analysis === undefined ? [] : [...allNames(base.analysis)]));
  return new Set([...own, ...above]);
}

export function modernise(analysis: Analysis): Analysis {
  const old = new OldConfig(analysis);
  for (const step of [environment, pipelines, data, optimizer, schedules, hooks, loops]) step(old);
  return old.result();
}
