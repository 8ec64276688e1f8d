/** How the reference's names read here (ARCHITECTURE 5.11). */
import { toCamelCase } from '@engine/registry';

/** Facts that have another name here. */
const FACTS: Readonly<Record<string, string>> = { mmengine_version: 'engineVersion' };

/** A key of the message hub: scalars keep theirs, facts are in camelCase. */
export function hubName(key: string): string {
  return FACTS[key] ?? (key.includes('/') ? key : toCamelCase(key));
}

export function hubNames(keys: readonly string[]): string[] {
  return keys.map(hubName);
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
