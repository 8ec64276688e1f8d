/** A hook that tells whoever has started the process where it is, and what it tells. */
import { writeSync } from 'node:fs';
import { defineHook, type Hook, type RunContext } from '@engine/hooks';
import * as z from 'zod/mini';

declare module '@engine/registry' {
  interface Hooks {
    Beacon: typeof Beacon;
  }
}

/** Parts of a session; before the first signal it is in `startup`. */
export const phases = ['startup', 'training', 'validation', 'saving', 'closing'] as const;
export type Phase = (typeof phases)[number];

/** What a beacon says: the phase that has begun, and how many iterations were finished. */
export interface Signal {
  readonly phase: Phase;
  readonly iter: number;
}

/** The variable that has the number of the open file to which signals go. */
export const BEACON = 'CHAOS_BEACON';

/** Says where the run is at each step, after all other hooks; nothing where nobody listens. */
export const Beacon = defineHook({
  name: 'Beacon',
  options: z.strictObject({}),
  create: () => new BeaconHook(),
  doc: 'Tells the parent process the phase of the run.',
});

class BeaconHook implements Hook {
  readonly name = 'Beacon';
  readonly priority = 'LOWEST';
  readonly #file = Number(process.env[BEACON] ?? 0);

  beforeTrainIter(ctx: RunContext): void {
    this.#say('training', ctx);
  }
  afterTrainIter(ctx: RunContext): void {
    this.#say('training', ctx);
  }
  afterTrainEpoch(ctx: RunContext): void {
    this.#say('training', ctx);
  }
  beforeVal(ctx: RunContext): void {
    this.#say('validation', ctx);
  }
  beforeValIter(ctx: RunContext): void {
    this.#say('validation', ctx);
  }
  afterValEpoch(ctx: RunContext): void {
    this.#say('validation', ctx);
  }
  beforeSaveCheckpoint(ctx: RunContext): void {
    this.#say('saving', ctx);
  }
  afterTrain(ctx: RunContext): void {
    this.#say('closing', ctx);
  }

  #say(phase: Phase, { iter }: RunContext): void {
    if (this.#file > 0) writeSync(this.#file, `${phase} ${iter}\n`);
  }
}

/** Splits what a beacon has written; a last line without its end is kept back. */
export function signalReader(): (chunk: string) => Signal[] {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    return lines.map((line) => {
      const [phase, iter] = line.split(' ');
      return { phase: phase as Phase, iter: Number(iter) };
    });
  };
}
