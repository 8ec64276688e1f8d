import type { JsonObject } from '@engine/core';
import type { HistoryBuffer, MessageHubLike } from '@engine/logging';
import type { Comparison } from './comparison.js';
import { ourKey } from './names.js';

/** What a checkpoint keeps of a message hub, and the hub itself. */
export interface HubState {
  readonly scalars: ReadonlyMap<string, HistoryBuffer>;
  readonly infos: JsonObject;
  readonly hub: MessageHubLike;
}

export interface GoldenHub {
  /** Values are null where they are times. */
  readonly log_scalars: Readonly<
    Record<string, { readonly counts: readonly number[]; readonly values: readonly number[] | null }>
  >;
  /** Null stands for a value that differs from run to run. */
  readonly runtime_info: Readonly<Record<string, unknown>> & { readonly seed: number };
  /** Whether a key travels in checkpoints. */
  readonly resumed_keys: Readonly<Record<string, boolean>>;
}

/** Histories and facts in their order, and which of them travel in checkpoints. */
export function compareHub(compare: Comparison, { scalars, infos, hub }: HubState, golden: GoldenHub): void {
  compare.check('log_scalars', [...scalars.keys()], Object.keys(golden.log_scalars));
  for (const [key, { counts, values }] of Object.entries(golden.log_scalars)) {
    const { data } = scalars.get(key) ?? {};
    compare.check(`log_scalars.${key}.counts`, [...(data?.counts ?? [])], counts);
    if (values === null) continue;
    const largest = Math.max(...values.map(Math.abs));
    compare.check(`log_scalars.${key}.values`, [...(data?.values ?? [])], values, largest);
  }
  const facts = Object.entries(golden.runtime_info).map(([key, value]) => [ourKey(key), value] as const);
  compare.check(
    'runtime_info',
    Object.keys(infos),
    facts.map(([key]) => key),
  );
  for (const [key, value] of facts) {
    if (value !== null)
      compare.check(`runtime_info.${key}`, infos[key], typeof value === 'string' ? ourFile(value) : value);
  }
  const known = Object.keys(golden.resumed_keys).map(ourKey);
  const strays = [...hub.scalars.keys(), ...hub.infos.keys()].filter((key) => !known.includes(key));
  compare.check('resumed_keys', strays, []);
  for (const [key, resumed] of Object.entries(golden.resumed_keys))
    compare.check(`resumed_keys.${key}`, accepts(hub, ourKey(key), !resumed), false);
}

/** `WORK/9/epoch_2.pth` is our `epoch_2.safetensors`, below the work dir. */
function ourFile(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.pth$/, '.safetensors');
}

/** Whether a key may be used with a flag: once it has been used with the other one it may not. */
function accepts(hub: MessageHubLike, key: string, resumed: boolean): boolean {
  try {
    hub.updateInfo(key, null, { resumed });
    return true;
  } catch {
    return false;
  }
}
