/** How the reference's names read here (ARCHITECTURE 5.11). */
import { toCamelCase } from '@engine/registry';

/** Facts that have another name here; undefined: `cfg`, which a checkpoint of ours has once, beside the hub. */
const FACTS: Readonly<Record<string, string | undefined>> = { cfg: undefined, mmengine_version: 'engineVersion' };

/** A key of the message hub: scalars keep theirs, facts are in camelCase. */
export function hubName(key: string): string | undefined {
  if (key in FACTS) return FACTS[key];
  return key.includes('/') ? key : toCamelCase(key);
}

export function hubNames(keys: readonly string[]): string[] {
  return keys.map(hubName).filter((key) => key !== undefined);
}

export function ourFile(name: string): string {
  return name.replace(/\.pth$/, '.safetensors').replace(/^(STAMP\d+)\.py$/, '$1.json');
}

/** Files of the reference's work dir: scalars are written once, and the config lies beside them too. */
export function ourFiles(files: readonly string[]): string[] {
  return files
    .map((file) =>
      /\/vis_data\/STAMP\d+\.json$/.test(file) ? file.replace(/STAMP\d+\.json$/, 'config.json') : ourFile(file),
    )
    .toSorted();
}
