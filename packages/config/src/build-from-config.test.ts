/** Config and registry together: what a user meets who makes a mistake in a file. */
import { defineEntry, EngineError } from '@engine/core';
import { Registry } from '@engine/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config } from './config.js';
import { engineOptions } from './engine-options.js';

interface Part {
  readonly name: string;
  readonly options: object;
  readonly parts: readonly unknown[];
}

declare module '@engine/core' {
  interface Kinds {
    part: Part;
  }
}

const Engine = defineEntry('part', {
  name: 'Engine',
  options: z.strictObject({
    clipGrad: z.optional(z.strictObject({ maxNorm: z.number() })),
    optimizer: z.unknown(),
    accumulativeCounts: z._default(z.int(), 1),
  }),
  create: (options, ctx) => ({
    name: 'Engine',
    options,
    parts: [ctx.build('part', options.optimizer, { key: 'optimizer' })],
  }),
  module: '@parts/engine',
});
const Piston = defineEntry('part', {
  name: 'Piston',
  options: z.strictObject({ lr: z.number(), weightDecay: z._default(z.number(), 0) }),
  create: (options) => ({ name: 'Piston', options, parts: [] }),
  module: '@parts/piston',
});
const registry = new Registry();
registry.register(Engine);
registry.register(Piston);

const text = `# an old file, in the old spelling
optim_wrapper:
  type: Engine
  accumulative_counts: 2
  clip_grad: { max_norm: 1 }
  optimizer:
    type: Piston
    lr: 0.1
    weight_decay: 0.01
`;

async function build(source: string, overrides: readonly string[] = []): Promise<Part> {
  const config = (await Config.fromString(source, '.yaml', { file: 'runs/cfg.yaml', registry })).mergeCfgOptions(
    overrides,
    { registry },
  );
  const { options, pathOf } = engineOptions(config);
  return registry.build('part', options.optimWrapper, { path: pathOf('optimWrapper'), locate: config.locate });
}

async function message(source: string, overrides?: readonly string[]): Promise<string[]> {
  return build(source, overrides).then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: EngineError) => error.message.split('\n'),
  );
}

describe('a config that is built', () => {
  it('is read in either spelling, overrides included', async () => {
    const built = await build(text, ['optimWrapper.optimizer.weightDecay=0.5', 'optim_wrapper.clipGrad.max_norm=3']);
    expect(built.options).toMatchObject({ accumulativeCounts: 2, clipGrad: { maxNorm: 3 } });
    expect(built.parts).toEqual([{ name: 'Piston', options: { lr: 0.1, weightDecay: 0.5 }, parts: [] }]);
  });

  it('points at a misspelt option in the file', async () => {
    expect(await message(text.replace('weight_decay', 'wieght_decay'))).toEqual([
      'ENGINE_REGISTRY_UNKNOWN_OPTION  optim_wrapper.optimizer.wieght_decay',
      '  expected  one of the options of Piston (@parts/piston): lr, weightDecay',
      '  received  wieght_decay = 0.01   at runs/cfg.yaml:9:5',
      '  do        rename it to weightDecay',
    ]);
  });

  it('points at a wrong value below a renamed key', async () => {
    expect(await message(text.replace('max_norm: 1', 'max_norm: big'))).toEqual([
      'ENGINE_REGISTRY_BAD_OPTION_TYPE  optim_wrapper.clip_grad.max_norm',
      '  expected  a number (Engine (@parts/engine))',
      '  received  max_norm = "big"   at runs/cfg.yaml:5:16',
      '  do        give max_norm a number',
    ]);
  });

  it('points at the object that lacks an option', async () => {
    const [first, , received] = await message(text.replace('    lr: 0.1\n', ''));
    expect([first, received]).toEqual([
      'ENGINE_REGISTRY_MISSING_OPTION  optim_wrapper.optimizer.lr',
      '  received  no lr   at runs/cfg.yaml:6:3',
    ]);
  });

  it('points at an unknown name, and at the command line', async () => {
    const [first, expected, received, action] = await message(text, ['optimWrapper.optimizer.type=Pistn']);
    expect([first, expected, received, action]).toEqual([
      'ENGINE_REGISTRY_UNKNOWN_NAME  optim_wrapper.optimizer.type',
      '  expected  one of the part entries in the scope engine: Piston, Engine',
      '  received  type = "Pistn"   at --cfg-options',
      "  do        write Piston, or name the package that has Pistn in customImports: ['their-package']",
    ]);
  });

  it('fails with a coded error for whatever stands in the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('', 'type', 'optimizer', 'clip_grad', 'accumulative_counts'),
        async (value, key) => {
          const wrapper = key === '' ? value : { type: 'Engine', optimizer: { type: 'Piston', lr: 1 }, [key]: value };
          try {
            expect(await build(JSON.stringify({ optim_wrapper: wrapper }))).toMatchObject({ name: 'Engine' });
          } catch (error) {
            expect(error).toBeInstanceOf(EngineError);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never fails uncoded for files that are cut off or damaged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.string({ maxLength: 3 }), async (at, noise) => {
        try {
          expect(await build(text.slice(0, at) + noise + text.slice(at + noise.length))).toMatchObject({
            name: expect.any(String) as string,
          });
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
        await expect(build(text.slice(0, at)).catch((error: unknown) => error)).resolves.toSatisfy(
          (result) => result instanceof EngineError || (result as Part).name === 'Engine',
        );
      }),
      { numRuns: 150 },
    );
  });
});
