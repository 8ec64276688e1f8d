import type { JsonObject } from '@engine/core';

/** Keys that say where and how a run happens, not what it computes; the seed in use is recorded by itself. */
const IRRELEVANT = new Set([
  'resume',
  'loadFrom',
  'allowChanges',
  'workDir',
  'logLevel',
  'experimentName',
  'visualizer',
  'visBackends',
  'logProcessor',
  'randomness',
]);

/** 64-bit FNV-1a of the part of a config that decides what is computed, keys in any order. */
export function configHash(config: JsonObject): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(canonical(relevant(config))))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

function relevant(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !IRRELEVANT.has(key)));
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
