import { isPlainObject } from '@engine/core/plain';
import { cliErrors } from './errors.js';

type Options = Readonly<Record<string, unknown>>;

/** What `--amp` lays over a config: mixed precision with a dynamic loss scale. @throws `ENGINE_CLI_BAD_FLAG` where the config has a wrapper of its own */
export function ampOverlay({ optimWrapper }: Options): Options {
  const given = isPlainObject(optimWrapper) ? optimWrapper : {};
  const { type = 'OptimWrapper' } = given;
  if (type === 'AmpOptimWrapper') return {};
  if (type !== 'OptimWrapper' || !isPlainObject(optimWrapper)) {
    throw cliErrors.BAD_FLAG({
      subject: '--amp',
      expected: 'an optimWrapper of the type OptimWrapper to train in mixed precision',
      received: isPlainObject(optimWrapper) ? `optimWrapper.type = ${String(type)}` : 'no optimWrapper in the config',
      action: 'leave --amp out, or set the type of optimWrapper in the config',
    });
  }
  const hasScale = 'lossScale' in given || 'loss_scale' in given;
  return { optimWrapper: { type: 'AmpOptimWrapper', ...(!hasScale && { lossScale: 'dynamic' }) } };
}

/** What `--auto-scale-lr` lays over a config. @throws `ENGINE_CLI_BAD_FLAG` where the config does not say for which batch size its rate is */
export function autoScaleLrOverlay({ autoScaleLr }: Options): Options {
  if (isPlainObject(autoScaleLr) && ('baseBatchSize' in autoScaleLr || 'base_batch_size' in autoScaleLr))
    return { autoScaleLr: { enable: true } };
  throw cliErrors.BAD_FLAG({
    subject: '--auto-scale-lr',
    expected: 'autoScaleLr: { baseBatchSize } in the config: the batch size for which its learning rate was chosen',
    received: isPlainObject(autoScaleLr) ? 'autoScaleLr without baseBatchSize' : 'no autoScaleLr',
    action: 'add it, e.g. --cfg-options autoScaleLr.baseBatchSize=64',
  });
}
