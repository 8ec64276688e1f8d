/** OpenMMLab configs as TypeScript ones: see docs/coming-from-mmengine.md. */
import { type AnalyseOptions, type Analysis, analyse, type Warning } from './analyse.js';
import { type EmitOptions, emitModule, missingValues } from './emit.js';
import { isOldStyle, modernise } from './mmcv/index.js';

export interface MigrateOptions extends AnalyseOptions {
  /**
   * What a Python file comes to, by its variables: asked for when an expression has no counterpart in TypeScript. Default: the variables
   * concerned are left out, with a warning.
   */
  readonly values?: ((file: string) => Promise<Values>) | undefined;
}

/** Variables of a config, as Python has them, with their values. */
export type Values = ReadonlyMap<string, unknown>;

export interface Migration {
  /** The TypeScript module. */
  readonly text: string;
  /** `mmengine` for both styles of MMEngine, `mmcv` for configs of MMCV 1.x. */
  readonly style: 'mmengine' | 'mmcv';
  /** What has no counterpart, with the place in the Python file. */
  readonly warnings: readonly Warning[];
  /** The Python files that it imports as TypeScript, by absolute path. */
  readonly bases: readonly string[];
}

/**
 * Migrates the text of a config. The style is detected; what it extends is read too, and imported from `NAME.ts` beside the Python file.
 *
 * @throws `ENGINE_MMCOMPAT_SYNTAX` when it is no Python
 */
export async function migrateConfig(text: string, file: string, options: MigrateOptions): Promise<Migration> {
  const found = await analyse(text, file, options);
  const isOld = isOldStyle(found);
  const analysis = isOld ? modernise(found) : found;
  const { values, forced, isStandalone } = await computedValues(analysis, options);
  const emit: EmitOptions = { specifierOf: (base) => asTypeScript(base.specifier), values, forced };
  const emitted = isStandalone ? { ...analysis, bases: [], isLazy: false } : analysis;
  return {
    text: emitModule(emitted, emit),
    style: isOld ? 'mmcv' : 'mmengine',
    warnings: [...analysis.warnings, ...lost(analysis, values), ...external(emitted)],
    bases: emitted.bases.flatMap((base) => base.file ?? []),
  };
}

interface Computed {
  readonly values: Values | undefined;
  /** Variables that are written as values although the file does not assign them: it changes what its bases made. */
  readonly forced: ReadonlySet<string>;
  /** It takes away what its bases made, so they cannot be imported. */
  readonly isStandalone: boolean;
}

async function computedValues(analysis: Analysis, options: MigrateOptions): Promise<Computed> {
  const isNeeded = analysis.isComputed || missingValues(analysis).length > 0;
  const values = isNeeded ? await options.values?.(analysis.file) : undefined;
  if (values === undefined || !analysis.isComputed) return { values, forced: new Set(), isStandalone: false };
  const before = await inheritedValues(analysis, options);
  const isStandalone = [...before.keys()].some((name) => !values.has(name));
  const changed = [...values.keys()].filter((name) => isStandalone || !isSame(values.get(name), before.get(name)));
  return { values, forced: new Set(changed), isStandalone };
}

async function inheritedValues({ bases }: Analysis, { values }: MigrateOptions): Promise<Values> {
  const all = new Map<string, unknown>();
  for (const { file, names } of bases) {
    const own = file === undefined ? undefined : await values?.(file);
    for (const [name, value] of own ?? []) if (names === undefined) all.set(name, value);
    for (const [name, original] of names ?? []) all.set(name, own?.get(original));
  }
  return all;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  const [left, right] = [entriesOf(a), entriesOf(b)];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && isSame(value, right.get(key)))
  );
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}

/** `../_base_/a.py` → `../_base_/a.ts`, `.a.b` → `./a/b.ts` */
function asTypeScript(specifier: string): string {
  if (specifier.endsWith('.py')) {
    const path = specifier.replace(/\.py$/, '.ts');
    return /^\.{0,2}\//.test(path) ? path : `./${path}`;
  }
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  return `${dots <= 1 ? './' : '../'.repeat(dots - 1)}${specifier.slice(dots).replaceAll('.', '/')}.ts`;
}

function lost(analysis: Analysis, values: Values | undefined): Warning[] {
  return missingValues(analysis, { values }).map((name) => ({
    message: `${name} could not be translated and is left out`,
    at: analysis.module.source.locate(analysis.drafts.find((draft) => draft.name === name)?.node.start ?? 0),
  }));
}

function external(analysis: Analysis): Warning[] {
  return analysis.bases.flatMap((base) =>
    base.file !== undefined
      ? []
      : [
          {
            message: `${base.specifier} is a config of another package: it stays a _base_ and is read as Python`,
            at: analysis.module.source.locate(0),
          },
        ],
  );
}
