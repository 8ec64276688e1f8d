/** Groups that `paramwiseCfg` makes of a model, against MMEngine's. */
import type { Module } from '@engine/model';
import { buildOptimWrapper, type OptimWrapperLike } from '@engine/optim';
import { createRegistry } from '@engine/standard';
import type { ReplayResult } from '../harness/area.js';
import { Comparison } from '../optimizers/comparison.js';
import { camel, type Fields, refusal, resultOf } from '../optimizers/python.js';
import { type ModelCase, modelOf } from './models.js';

/** A config and the groups that MMEngine makes of it; `params` of a group are all the names of each of its tensors. */
export interface ParamwiseCase {
  readonly id: string;
  readonly model: string;
  readonly optimizer: Fields;
  readonly paramwise_cfg: unknown;
  readonly raises: { readonly type: string; readonly message: string } | null;
  readonly groups?: readonly (Fields & { readonly params: readonly (readonly string[])[] })[];
  readonly get_lr?: { readonly lr: readonly number[]; readonly base_lr?: readonly number[] };
}

const FIELDS = ['lr', 'weight_decay', 'momentum', 'betas', 'lr_mult', 'decay_mult'] as const;
/** Python's text for calling what a registry did not find; the same mistake is a `KeyError` everywhere else. */
const NOT_FOUND = 'None is not a callable object';

/** Replays `paramwise` with the trees of `models`. Exact; needs an initialised backend. */
export async function* replayParamwise(
  cases: readonly ParamwiseCase[],
  models: Readonly<Record<string, ModelCase>>,
): AsyncGenerator<ReplayResult> {
  for (const golden of cases) yield await resultOf(golden.id, () => replayCase(golden, models[golden.model]));
}

async function replayCase(golden: ParamwiseCase, described: ModelCase | undefined): Promise<ReplayResult> {
  const { id, raises } = golden;
  if (described === undefined) return { id, ok: false, error: `the file has no model ${golden.model}` };
  const model = modelOf(described);
  let wrapper: OptimWrapperLike | undefined;
  const make = (): OptimWrapperLike => {
    wrapper = buildOptimWrapper(
      model,
      { optimizer: golden.optimizer, paramwise_cfg: golden.paramwise_cfg },
      { registry: createRegistry() },
    );
    return wrapper;
  };
  try {
    if (raises !== null)
      return await refusal(id, raises.type, make, raises.message === NOT_FOUND ? ['key'] : undefined);
    const compare = new Comparison(0, 0);
    compareGroups(compare, golden, { model, wrapper: make() });
    return compare.fault === undefined
      ? { id, ok: true, maxError: compare.maxError }
      : { id, ok: false, maxError: compare.maxError, error: compare.fault };
  } finally {
    wrapper?.dispose();
    model.dispose();
  }
}

function compareGroups(
  compare: Comparison,
  { groups = [], get_lr }: ParamwiseCase,
  { model, wrapper }: { readonly model: Module; readonly wrapper: OptimWrapperLike },
): void {
  const names = new Map<unknown, string[]>();
  for (const { name, parameter } of model.parameterPlaces())
    names.set(parameter, [...(names.get(parameter) ?? []), name]);
  const { paramGroups } = wrapper.optimizer;
  compare.exact('number of groups', paramGroups.length, groups.length);
  for (const [i, want] of groups.entries()) {
    const got = paramGroups[i];
    compare.exact(
      `groups[${i}].params`,
      got?.params.map((param) => names.get(param)),
      want.params,
    );
    for (const field of FIELDS) compare.exact(`groups[${i}].${field}`, got?.[camel(field)], want[field]);
  }
  const { lr, baseLr } = wrapper.getLr();
  compare.exact('get_lr.lr', lr, get_lr?.lr);
  compare.exact('get_lr.base_lr', baseLr, get_lr?.base_lr);
}
