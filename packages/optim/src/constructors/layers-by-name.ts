/** Tells from parameter names how deep in a network each one stands. */
import { optimErrors } from '../errors.js';
import { type LayerPlan, someOf } from './layer-plan.js';

export type DecayType = 'layer_wise' | 'stage_wise';
export type LayerNaming = 'vit' | 'convnext' | 'resnet';

export interface PlanOptions {
  readonly decayType: DecayType;
  /** Default: as many as the names show. */
  readonly numLayers: number | undefined;
  /** Default: what the names look like. */
  readonly naming: LayerNaming | undefined;
}

/** Blocks and stages that a name speaks of. */
interface Position {
  readonly stage: number;
  /** None for what stands before the blocks of a stage and apart from them. */
  readonly block: number | undefined;
}

type Reader = (name: string) => Position | undefined;

const TOKENS = /(?:^|\.)(?:(?:cls|class|mask|dist|reg|register)tokens?|pos(?:ition)?embed\w*|relposembed\w*)(?:\.|$)/;
const STEM = /(?:^|\.)(?:stem|patchembed\w*|embeddings|convproj)(?:\.|$)/;
const RESNET_STEM = /^(?:(?:.*\.)?backbone\.)?(?:conv|bn|norm)1\./;

/** In the order in which they are tried: what a ConvNeXt calls its blocks may look like those of a transformer. */
const readers: Readonly<Record<LayerNaming, Reader>> = {
  resnet: (name) => {
    const [, stage, block] = /(?:^|\.)layer(\d+)\.(\d+)\./.exec(name) ?? [];
    return stage === undefined ? undefined : { stage: Number(stage) - 1, block: Number(block) };
  },
  convnext: (name) => {
    const [, between] = /(?:^|\.)downsamplelayers\.(\d+)\./.exec(name) ?? [];
    if (between !== undefined) return { stage: Number(between), block: undefined };
    const [, stage, block] = /(?:^|\.)stages\.(\d+)\.(?:(?:blocks\.)?(\d+)|downsample)\./.exec(name) ?? [];
    return stage === undefined ? undefined : { stage: Number(stage), block: Number(block ?? 0) };
  },
  vit: (name) => {
    const block = /(?:^|\.)(?:(?:blocks|layers?|h)\.|encoderlayer)(\d+)\./.exec(name)?.[1];
    return block === undefined ? undefined : { stage: 0, block: Number(block) };
  },
};

/** Whether a parameter is a learnt token or position, which weight decay would only shrink. */
export function isToken(name: string): boolean {
  return TOKENS.test(folded(name));
}

/** `pos_embed`, `posEmbed` and `PosEmbed` are one name. */
function folded(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/**
 * The layers of Vision Transformers (`blocks.3.`, `layers.3.`), ConvNeXts (`stages.2.5.`, `downsample_layers.2.`) and ResNets (`layer2.0.`).
 * Where anything stands below `backbone`, nothing else has layers.
 *
 * - `layer_wise`: a layer is a block; in ConvNeXts a stage, and of the third stage every three blocks.
 * - `stage_wise`: a layer is a stage; `downsample_layers` of ConvNeXts belong to the stem.
 *
 * @throws `ENGINE_OPTIM_UNKNOWN_LAYERS`
 */
export function planByNames(names: readonly string[], { decayType, numLayers, naming }: PlanOptions): LayerPlan {
  const within = names.filter((name) => /(?:^|\.)backbone\./.test(name));
  const seen = new Set((within.length === 0 ? names : within).map(folded));
  const style = naming ?? (Object.keys(readers) as LayerNaming[]).find((each) => hasBlocks(seen, each));
  if (style === undefined || !hasBlocks(seen, style)) throw unknownNames(names, naming);
  if (style === 'vit' && decayType === 'stage_wise') throw noStages();
  const read = readers[style];
  const layers = layersOf(
    [...seen].flatMap((name) => read(name) ?? []),
    decayType === 'stage_wise' ? 'stage' : style === 'convnext' ? 'third' : 'block',
  );
  const count = numLayers ?? layers.count;
  if (count < layers.count) throw tooFew(count, layers.count);
  return {
    last: count + 1,
    idOf: (written) => {
      const name = folded(written);
      if (!seen.has(name)) return count + 1;
      const position = read(name);
      if (position !== undefined) return layers.at(position, count);
      const isStem = TOKENS.test(name) || STEM.test(name) || (style === 'resnet' && RESNET_STEM.test(name));
      return isStem ? 0 : count + 1;
    },
  };
}

function hasBlocks(names: Iterable<string>, naming: LayerNaming): boolean {
  return [...names].some((name) => readers[naming](name)?.block !== undefined);
}

interface Layers {
  readonly count: number;
  /** `count`: how many there are taken to be. */
  at(position: Position, count: number): number;
}

function layersOf(positions: readonly Position[], unit: 'stage' | 'third' | 'block'): Layers {
  const stages = Math.max(...positions.map(({ stage }) => stage)) + 1;
  const depths = Array.from({ length: stages }, (_, at) =>
    Math.max(0, ...positions.filter(({ stage }) => stage === at).map(({ block = -1 }) => block + 1)),
  );
  if (unit === 'stage') return { count: stages, at: ({ stage, block }) => (block === undefined ? 0 : stage + 1) };
  if (unit === 'third') return thirds(depths);
  const before = depths.map((_, stage) => depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0));
  return {
    count: depths.reduce((sum, depth) => sum + depth, 0),
    at: ({ stage, block = 0 }) => (before[stage] ?? 0) + block + 1,
  };
}

/** Stage, stage, every three blocks of the third, and what follows: the layers of ConvNeXts when they are fine-tuned (Liu et al. 2022). */
function thirds([, second = 0, third = 0, ...later]: readonly number[]): Layers {
  return {
    count: later.length > 0 ? 3 + Math.ceil(third / 3) : third > 0 ? 2 + Math.ceil(third / 3) : second > 0 ? 2 : 1,
    at: ({ stage, block }, count) => {
      if (stage === 0) return block === undefined ? 0 : 1;
      if (stage === 1) return 2;
      return stage === 2 ? 3 + Math.floor((block ?? 0) / 3) : count;
    },
  };
}

function unknownNames(names: readonly string[], naming: LayerNaming | undefined): Error {
  return optimErrors.UNKNOWN_LAYERS({
    subject: 'paramwiseCfg.layers',
    expected: naming === undefined ? 'names of a ViT, a ConvNeXt or a ResNet' : `names of a ${naming}`,
    received: someOf(names),
    action: "give layers: regular expressions from the first layer on, e.g. ['^stem', '^stage(\\d+)\\.block(\\d+)']",
  });
}

function noStages(): Error {
  return optimErrors.UNKNOWN_LAYERS({
    subject: 'paramwiseCfg.decayType',
    expected: 'layer_wise for a network without stages',
    received: 'stage_wise, and the names of a ViT',
    action: 'leave decayType out',
  });
}

function tooFew(count: number, needed: number): Error {
  return optimErrors.UNKNOWN_LAYERS({
    subject: 'paramwiseCfg.numLayers',
    expected: `at least the ${needed} layers that the names show`,
    received: `numLayers = ${count}`,
    action: 'leave numLayers out to take what the names show',
  });
}
