import { Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import { HookList } from './hook-list.js';

const Greeter = defineHook({
  name: 'Greeter',
  options: z.strictObject({ greeting: z._default(z.string(), 'hello') }),
  create: ({ greeting }) => ({ beforeRun: (ctx) => ctx.logger.info(greeting) }),
});

const build = (config: unknown): Hook => new Registry().build('hook', config, { path: 'customHooks.0' });

describe('defineHook', () => {
  it('names a hook after its entry, unless it names itself', () => {
    const Own = defineHook({ name: 'Own', options: z.strictObject({}), create: () => ({ name: 'mine' }) });
    expect([build({ type: Greeter }).name, build({ type: Own }).name]).toEqual(['Greeter', 'mine']);
  });

  it('keeps a class instance what it is', () => {
    class Counter {
      calls = 0;
      afterTrainEpoch(): void {
        this.calls += 1;
      }
    }
    const Counting = defineHook({ name: 'Counting', options: z.strictObject({}), create: () => new Counter() });
    const hook = build({ type: Counting });
    expect(hook).toBeInstanceOf(Counter);
    expect(hook.name).toBe('Counting');
    new HookList().register(hook);
  });

  it('makes a new one for each config', () => {
    expect(build({ type: Greeter })).not.toBe(build({ type: Greeter }));
  });

  it('takes options in either spelling and refuses others', () => {
    expect(() => build({ type: Greeter, greeting: 1 })).toThrow('ENGINE_REGISTRY_BAD_OPTION_TYPE');
    expect(() => build({ type: Greeter, greting: 'x' })).toThrow(
      expect.objectContaining({ subject: 'customHooks.0.greting', action: 'rename it to greeting' }),
    );
  });
});
