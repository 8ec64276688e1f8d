import { literalCode, literalOf } from '../code.js';
import type { OldConfig } from './old-config.js';

/** Seeds, processes, where to start from. */
export function environment(old: OldConfig): void {
  seeds(old);
  processes(old);
  checkpoints(old);
  leftOut(old);
}

function seeds(old: OldConfig): void {
  for (const [name, key] of [
    ['seed', 'seed'],
    ['deterministic', 'deterministic'],
    ['diff_seed', 'diffRankSeed'],
  ] as const)
    old.put('randomness', key, old.take(name), name);
}

function processes(old: OldConfig): void {
  const dist = old.take('dist_params');
  if (dist !== undefined) old.put('env_cfg', 'distCfg', dist, 'dist_params');
  old.put('env_cfg', 'cudnnBenchmark', old.take('cudnn_benchmark'), 'cudnn_benchmark');
  for (const name of ['mp_start_method', 'opencv_num_threads']) {
    const code = old.take(name);
    if (code !== undefined) old.putBelow('env_cfg', 'mpCfg', { key: name, value: code }, name);
  }
}

/** A checkpoint to resume from wins over one to load. */
function checkpoints(old: OldConfig): void {
  const resumeFrom = old.take('resume_from');
  if (resumeFrom !== undefined && literalOf(resumeFrom) !== null) {
    old.take('load_from');
    old.set('load_from', resumeFrom, 'resume_from');
    old.set('resume', literalCode(true), 'resume_from');
  } else if (resumeFrom !== undefined || old.has('load_from')) {
    const from = resumeFrom === undefined ? 'load_from' : 'resume_from';
    old.set('resume', literalCode(false), from);
  }
  const auto = old.take('auto_resume');
  if (literalOf(auto) === true) old.set('resume', literalCode(true), 'auto_resume');
}

const nothing: Readonly<Record<string, string>> = {
  gpu_ids: 'devices are chosen by the backend',
  find_unused_parameters: 'parameters without a gradient need no care here',
  device: 'the backend is the device',
  gpus: 'devices are chosen by the backend',
};

function leftOut(old: OldConfig): void {
  for (const [name, why] of Object.entries(nothing)) {
    if (!old.has(name)) continue;
    old.warn(name, `${name} has no counterpart and is left out: ${why}`);
    old.take(name);
  }
}
