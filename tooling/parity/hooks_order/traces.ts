import type { Backend, JsonObject } from '@engine/core';
import { type Hook, type HookPoint, hookPointOrder, type Priority, type RunContext } from '@engine/hooks';
import { HistoryBuffer } from '@engine/logging';
import { toCamelCase } from '@engine/registry';
import type { ReplayResult } from '../harness/area.js';
import { Comparison } from './comparison.js';
import { compareHub, type GoldenHub, type HubState } from './hub.js';
import { runGolden } from './run.js';

interface Event {
  readonly point: string;
  /** Null where the reference has no training loop; ours then says 0. */
  readonly epoch: number | null;
  readonly iter: number | null;
  readonly batch_idx?: number;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly model_training: boolean;
}

export interface Trace {
  readonly id: string;
  readonly call: 'train' | 'val' | 'test';
  readonly config: Readonly<Record<string, unknown>>;
  readonly tracer_priority: Priority;
  readonly events: readonly Event[];
  readonly message_hub: GoldenHub;
}

/** A whole run: every event that a hook sees, with position and mode of the model, and the message hub at its end. */
export async function replayTrace(golden: Trace, backend: Backend): Promise<ReplayResult> {
  const compare = new Comparison(golden.id);
  const tracer = new Tracer(golden.tracer_priority);
  const { seed } = golden.message_hub.runtime_info;
  await runGolden({ call: golden.call, config: golden.config, seed, hooks: [tracer.hook] }, { backend });
  compare.check('events', tracer.events, golden.events.map(inOurWords));
  if (tracer.hub === undefined) throw new Error('the run ended without afterRun');
  compareHub(compare, tracer.hub, golden.message_hub);
  return compare.result();
}

/** Sees every point, and keeps the message hub as it is at the very end. */
class Tracer {
  readonly events: object[] = [];
  readonly hook: Hook;
  hub: HubState | undefined;

  constructor(priority: Priority) {
    const methods = hookPointOrder.map((point) => [
      point,
      async (ctx: RunContext, info: Info = {}): Promise<void> => {
        this.events.push(eventOf(point, ctx, info));
        if (point === 'afterRun') this.hub = await hubOf(ctx);
      },
    ]);
    this.hook = { name: 'Tracer', priority, ...Object.fromEntries(methods) };
  }
}

interface Info {
  readonly batchIdx?: number;
  readonly metrics?: object;
}

function eventOf(point: HookPoint, { epoch, iter, model }: RunContext, { batchIdx, metrics }: Info): object {
  return {
    point,
    epoch,
    iter,
    ...(batchIdx !== undefined && { batch_idx: batchIdx }),
    ...(metrics !== undefined && { metrics }),
    model_training: model.training,
  };
}

function inOurWords({ point, epoch, iter, ...rest }: Event): object {
  return { point: toCamelCase(point), epoch: epoch ?? 0, iter: iter ?? 0, ...rest };
}

async function hubOf({ messageHub }: RunContext): Promise<HubState> {
  const { scalars, infos } = (await messageHub.stateDict()) as {
    readonly scalars: JsonObject;
    readonly infos: JsonObject;
  };
  const histories = Object.entries(scalars).map(([key, saved]) => [key, HistoryBuffer.fromStateDict(saved)] as const);
  return { scalars: new Map(histories), infos, hub: messageHub };
}
