/** Hooks in two configs side by side, and whose hooks have a state that resuming depends on. */
import { isPlainObject, type Json, type JsonObject } from '@engine/core';
import { defaultHookKeys, EMAHook, type HookList, type LoadedCheckpoint } from '@engine/hooks';
import { splitScope, toCamelCase } from '@engine/registry';

/** A place among the hooks of a config. */
export interface HookPlace {
  /** In the config in which the hook is, of both the present one: `customHooks.1.momentum`. */
  readonly path: string;
  /** Name of the hook's type, without a scope. */
  readonly type: string;
}

/** Two configs whose `customHooks` are keyed, so that each hook is compared with its counterpart, wherever that stands in the list. */
export interface AlignedHooks {
  readonly saved: JsonObject;
  readonly now: JsonObject;
  /** What a path in the keyed configs means; undefined for one that leads to no hook of the user's. */
  placeOf(path: string): HookPlace | undefined;
}

interface Slot {
  readonly type: string;
  readonly indices: { saved?: number; now?: number };
}

const CUSTOM = 'customHooks';

/** Pairs the first hook of a type with the first of that type, the second with the second. */
export function alignHooks(saved: JsonObject, now: JsonObject): AlignedHooks {
  const slots = new Map<string, Slot>();
  const ids = new Map<string, string>();
  const keyed = (config: JsonObject, side: 'saved' | 'now'): JsonObject => {
    const key = keyOf(config, CUSTOM);
    const list = config[key] ?? [];
    if (!Array.isArray(list)) return config;
    const counts = new Map<string, number>();
    const entries = list.map((hook, index): [string, Json] => {
      const type = typeOf(hook);
      const nth = counts.get(type) ?? 0;
      counts.set(type, nth + 1);
      const id = ids.get(`${type} ${nth}`) ?? `hook${ids.size}`;
      ids.set(`${type} ${nth}`, id);
      slots.set(id, { type, indices: { ...slots.get(id)?.indices, [side]: index } });
      return [id, hook];
    });
    return { ...config, [key]: Object.fromEntries(entries) };
  };
  const aligned = { saved: keyed(saved, 'saved'), now: keyed(now, 'now') };
  return { ...aligned, placeOf: (path) => placeIn(path, slots) ?? ownSlot(path, saved, now) };
}

function placeIn(path: string, slots: ReadonlyMap<string, Slot>): HookPlace | undefined {
  const [key = '', id = '', ...rest] = path.split('.');
  const slot = toCamelCase(key) === CUSTOM ? slots.get(id) : undefined;
  if (slot === undefined) return undefined;
  const index = slot.indices.now ?? slot.indices.saved;
  return { path: [key, index, ...rest].join('.'), type: slot.type };
}

/** A hook of the user's under a key of `defaultHooks`. */
function ownSlot(path: string, saved: JsonObject, now: JsonObject): HookPlace | undefined {
  const [key = '', name = ''] = path.split('.');
  if (toCamelCase(key) !== 'defaultHooks' || name === '') return undefined;
  if ((defaultHookKeys as readonly string[]).includes(toCamelCase(name))) return undefined;
  const [hook] = [now, saved].flatMap((config) => {
    const hooks = config[keyOf(config, 'defaultHooks')];
    return isPlainObject(hooks) && name in hooks ? [hooks[name] as Json] : [];
  });
  return hook === undefined ? undefined : { path, type: typeOf(hook) };
}

/** Keys of hooks' states: in a checkpoint, and in a run. The averages of an EMAHook are under its name. */
export interface HookStates {
  readonly saved: ReadonlySet<string>;
  readonly now: ReadonlySet<string>;
}

/** Of the hooks that a config names. What `randomness.generator` brings along is no such hook. */
export function hookStates({ sections, tensors }: LoadedCheckpoint, hooks: HookList): HookStates {
  const states = sections.get('hooks');
  const saved = new Set<string>(isPlainObject(states) ? Object.keys(states) : []);
  if ([...tensors.keys()].some((name) => name.startsWith('ema/'))) saved.add('EMAHook');
  const now = new Set<string>(hooks.stateKeys);
  if (hooks.hooks.some((hook) => hook instanceof EMAHook)) now.add('EMAHook');
  for (const keys of [saved, now]) keys.delete('TorchStream');
  return { saved, now };
}

/** Whether hooks of a type have a state, in the checkpoint or in this run. */
export function hasState(type: string, { saved, now }: HookStates): boolean {
  return [...saved, ...now].some((key) => withoutNumber(key) === type);
}

/** State keys that only one side has. */
export function unmatchedStates({ saved, now }: HookStates): { readonly key: string; readonly isSaved: boolean }[] {
  const removed = [...saved].filter((key) => !now.has(key)).map((key) => ({ key, isSaved: true }));
  const added = [...now].filter((key) => !saved.has(key)).map((key) => ({ key, isSaved: false }));
  return [...removed, ...added];
}

/** `EarlyStoppingHook#2` is the second of its kind. */
export function withoutNumber(key: string): string {
  return key.replace(/#\d+$/, '');
}

/** Of a config, or of a built object, which a dumped config has as `<a LossTrace>` or, for a literal, with its name. */
function typeOf(hook: Json): string {
  const type = isPlainObject(hook) ? (hook['type'] ?? hook['name']) : hook;
  if (typeof type !== 'string') return 'a hook';
  return splitScope(type.replace(/^<an? (.*)>$/, '$1')).name;
}

/** A top-level key as a config spells it. */
export function keyOf(config: JsonObject, name: string): string {
  return Object.keys(config).find((key) => toCamelCase(key) === name) ?? name;
}
