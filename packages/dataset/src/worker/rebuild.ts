import { type ArgsOf, type Built, entryOf, isPlainObject, type Kind } from '@engine/core/plain';
import { type BuildOptions, Registry } from '@engine/registry';
import { datasetErrors } from '../errors.js';
import type { Wire } from './transfer.js';

export type ImportModule = (specifier: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Makes what a {@link Wire} describes.
 * @throws `ENGINE_DATASET_NOT_EXPORTED`, and what the module, the options' check and the making throw
 */
export async function rebuild<K extends Kind>(kind: K, wire: Wire, importModule: ImportModule): Promise<Built<K>> {
  const options = structuredClone(wire.options) as Record<string, unknown>;
  for (const { path, ...ref } of wire.inside) {
    const config = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], options);
    (config as Record<string, unknown>).type = await exportOf(ref, importModule);
  }
  const exported = await exportOf(wire, importModule);
  if (entryOf(exported) !== undefined) {
    const build = new Registry().build as (kind: K, config: object, rest: BuildOptions<K>) => Built<K>;
    return build.call(new Registry(), kind, { ...options, type: exported }, {
      path: kind,
      args: undefined as ArgsOf<K>,
    } as unknown as BuildOptions<K>);
  }
  if (typeof exported === 'function' && kind !== 'collate' && kind !== 'workerInitFn')
    return (await (exported as (options: object) => unknown)(options)) as Built<K>;
  if (
    typeof exported === 'function' ||
    (typeof exported === 'object' && exported !== null && !isPlainObject(exported)) ||
    isThing(exported)
  )
    return exported as Built<K>;
  throw datasetErrors.NOT_EXPORTED({
    subject: wire.module,
    expected: `an entry, a function that makes it, or a ${kind}, exported as ${wire.export}`,
    received: `${wire.export}: ${typeof exported}`,
    action: `export the ${kind} from that module`,
  });
}

function isThing(value: unknown): boolean {
  return isPlainObject(value) && Object.values(value).some((item) => typeof item === 'function');
}

async function exportOf(
  ref: { readonly module: string; readonly export: string },
  importModule: ImportModule,
): Promise<unknown> {
  const exports = await importModule(ref.module);
  if (Object.hasOwn(exports, ref.export)) return exports[ref.export];
  throw datasetErrors.NOT_EXPORTED({
    subject: ref.module,
    expected: `an export named ${ref.export}`,
    received: `exports ${Object.keys(exports).join(', ') || '(none)'}`,
    action: `export ${ref.export} from that module, or correct \`module\` and \`export\` of the entry`,
  });
}
