import { EngineError, isPromise, type SavedState, scopedStart } from '@engine/core';
import { nearest, toCamelCase } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import { type HookPoint, hookPointOrder } from './hook-points.js';
import { priorityLabel, priorityValue } from './priority.js';
import type { HookCallListener, RunContext } from './run-context.js';

/** A hook in its place. */
export interface RegisteredHook {
  readonly hook: Hook;
  /** From 0 to 100. */
  readonly priority: number;
  /** The priority as it was given. */
  readonly given: string | number;
}

interface Registered extends RegisteredHook {
  readonly stateKey: string;
}

/** What a point hands to its hooks besides the context. */
export type HookInfo<P extends HookPoint> = Parameters<NonNullable<Hook[P]>> extends [unknown, infer I] ? I : undefined;

type Method = (ctx: RunContext, info: unknown) => unknown;

/** The hooks of a run in the order in which they are called. */
export class HookList {
  readonly #registered: Registered[] = [];
  #byPoint = new Map<HookPoint, readonly Registered[]>();
  readonly #leaks = new Map<string, number>();
  readonly #listeners = new Set<HookCallListener>();
  /** Tensors that calls inside the running one have added, whoever owns them. */
  #addedInside = 0;
  #running: { readonly hook: Hook; readonly point: HookPoint } | undefined;

  /** Adds a hook after those of the same or a higher priority. `priority` wins over the hook's own. */
  register(hook: Hook, priority?: string | number): void {
    if (typeof hook !== 'object' || hook === null || typeof hook.name !== 'string') {
      throw hooksErrors.NOT_A_HOOK({
        expected: 'an object with a name and methods named after hook points',
        received: hook === null ? 'null' : typeof hook,
        action: 'pass a hook, or a config { type: ... } where configs are accepted',
      });
    }
    checkPoints(hook);
    const given = priority ?? hook.priority ?? 'NORMAL';
    const value = priorityValue(given);
    const after = this.#registered.findLastIndex((other) => other.priority <= value);
    this.#registered.splice(after + 1, 0, { hook, priority: value, given, stateKey: this.#freeStateKey(hook) });
    this.#byPoint.clear();
  }

  /** The call that is going on: `EMAHook.afterTrainIter`. */
  get running(): string | undefined {
    return this.#running === undefined ? undefined : `${this.#running.hook.name}.${this.#running.point}`;
  }

  /** Calls `listener` after each call of a hook until the returned function is called. */
  listen(listener: HookCallListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The hooks with their priorities. */
  get registered(): readonly RegisteredHook[] {
    return this.#registered;
  }

  get hooks(): readonly Hook[] {
    return this.#registered.map(({ hook }) => hook);
  }

  /** Tensors that hooks left on the device beyond what they kept, by hook name. */
  get leaks(): ReadonlyMap<string, number> {
    return this.#leaks;
  }

  /**
   * Calls every hook that has `point`, one after the other, each one's synchronous start in a tensor scope.
   * What a hook throws ends the round: an {@link EngineError} as it is, anything else as `ENGINE_HOOKS_FAILED`.
   */
  async call<P extends HookPoint>(
    point: P,
    ctx: RunContext,
    ...rest: HookInfo<P> extends undefined ? [] : [info: HookInfo<P>]
  ): Promise<void> {
    for (const { hook } of this.#at(point)) {
      const method = hook[point] as Method;
      const before = tensors(hook, ctx);
      const outside = this.#addedInside;
      this.#addedInside = 0;
      const start = this.#listeners.size === 0 ? 0 : ctx.platform.monotonic();
      const outer = this.#running;
      this.#running = { hook, point };
      try {
        const started = scopedStart(() => method.call(hook, ctx, rest[0]));
        if (isPromise(started)) await started;
      } catch (thrown) {
        throw asHookError(thrown, { hook, point, ctx });
      } finally {
        this.#running = outer;
        this.#countLeaks(hook, { before, after: tensors(hook, ctx), outside });
      }
      for (const listener of this.#listeners)
        listener({ hook: hook.name, point, start, end: ctx.platform.monotonic() });
    }
  }

  /** The hooks of each point as MMEngine lists them: `(PRIORITY    ) Name`. */
  describe(): string {
    return hookPointOrder
      .filter((point) => this.#at(point).length > 0)
      .map((point) => {
        const lines = this.#at(point).map(
          ({ hook, priority, given }) => `(${labelOf(given, priority).padEnd(12)}) ${hook.name.padEnd(35)}`,
        );
        return `${point}:\n${lines.join('\n')}\n -------------------- `;
      })
      .join('\n');
  }

  /** State keys of the hooks that want something saved. */
  get stateKeys(): readonly string[] {
    return this.#registered.filter(({ hook }) => hook.stateDict !== undefined).map(({ stateKey }) => stateKey);
  }

  /** What the hooks want saved, by state key. */
  async stateDict(): Promise<Map<string, SavedState>> {
    const states = new Map<string, SavedState>();
    for (const { hook, stateKey } of this.#registered) {
      if (hook.stateDict !== undefined) states.set(stateKey, await hook.stateDict());
    }
    return states;
  }

  /** Gives saved states back; keys without a hook are returned, so that the caller can warn. */
  loadStateDict(states: ReadonlyMap<string, SavedState>): string[] {
    const unused = new Set(states.keys());
    for (const { hook, stateKey } of this.#registered) {
      const state = states.get(stateKey);
      if (state === undefined || hook.loadStateDict === undefined) continue;
      hook.loadStateDict(state);
      unused.delete(stateKey);
    }
    return [...unused];
  }

  /** Frees what the hooks own. */
  dispose(): void {
    for (const { hook } of this.#registered) hook.dispose?.();
  }

  #at(point: HookPoint): readonly Registered[] {
    let found = this.#byPoint.get(point);
    if (found === undefined) {
      found = this.#registered.filter(({ hook }) => typeof hook[point] === 'function');
      this.#byPoint.set(point, found);
    }
    return found;
  }

  #freeStateKey(hook: Hook): string {
    const wanted = hook.stateKey ?? hook.name;
    const taken = new Set(this.#registered.map(({ stateKey }) => stateKey));
    let key = wanted;
    for (let n = 2; taken.has(key); n += 1) key = `${wanted}#${n}`;
    return key;
  }

  /** What another hook has added during the call, in its own, is that one's: a save calls hooks inside one. */
  #countLeaks(hook: Hook, { before, after, outside }: { before: Count; after: Count; outside: number }): void {
    const added = after.live - before.live;
    const left = added - (after.owned - before.owned) - this.#addedInside;
    this.#addedInside = outside + added;
    if (left > 0) this.#leaks.set(hook.name, (this.#leaks.get(hook.name) ?? 0) + left);
  }
}

interface Count {
  /** On the device, besides what hooks keep for the run. */
  readonly live: number;
  /** Of them the hook's own, which are meant to stay. */
  readonly owned: number;
}

function tensors({ ownedTensors = 0 }: Hook, { keptTensors }: RunContext): Count {
  return { live: liveTensors() - keptTensors, owned: ownedTensors };
}

/** A name as it was written, or the level of a number that has one. */
function labelOf(given: string | number, priority: number): string {
  return typeof given === 'string' ? given : priorityLabel(priority);
}

function liveTensors(): number {
  return tf.engine().state.numTensors;
}

/** A method that is nearly called as a point would never be called. Points of loops of your own have names of their own. */
function checkPoints(hook: Hook): void {
  for (const name of methodNames(hook)) {
    const camel = toCamelCase(name);
    if (!/^(before|after|on)[A-Z]/.test(camel) || (hookPointOrder as readonly string[]).includes(name)) continue;
    const meant = nearest(camel, hookPointOrder, { maxDistance: 3 });
    if (meant === undefined) continue;
    throw hooksErrors.UNKNOWN_POINT({
      subject: `${hook.name}.${name}`,
      expected: `a method named as a hook point: ${hookPointOrder.join(', ')}`,
      received: `${name}(), which no run calls`,
      action: `rename it to ${meant}, or let the names of methods of your own begin otherwise`,
    });
  }
}

/** Of the object and of the classes that it comes from. */
function methodNames(hook: object): Set<string> {
  const names = new Set<string>();
  for (let at: object | null = hook; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
  return names;
}

function asHookError(thrown: unknown, where: { hook: Hook; point: HookPoint; ctx: RunContext }): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const { hook, point, ctx } = where;
  return hooksErrors.FAILED({
    subject: `${hook.name}.${point}`,
    expected: 'the hook to return',
    received: `${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)} at epoch ${ctx.epoch}, iter ${ctx.iter}`,
    action: 'see the cause for the stack; mend the hook or take it out of customHooks',
    cause: thrown,
  });
}
