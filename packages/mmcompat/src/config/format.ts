import type { ConfigFormat } from '@engine/config';
import { listNode, type MapNode, mapNode, type Node, overriding, valueNode } from '@engine/config/tree';
import type { SourceLocation } from '@engine/core';
import { endless } from '../print/canonical.js';
import { PyFunction } from '../run/function.js';
import { iterate } from '../values/compare.js';
import { type DictEntry, PyDict, PySet } from '../values/dict.js';
import type { Site } from '../values/exception.js';
import { LazyAttr, LazyObject } from '../values/lazy.js';
import { repr, str } from '../values/repr.js';
import { PyModule, PyNative, PyRange, PyTuple, type PyValue } from '../values/value.js';
import { PACKAGES, ROOT_PACKAGES } from './packages.js';
import { PythonConfig, type PythonConfigOptions } from './python-config.js';

/**
 * Reads `.py` configs for `Config.fromFile(file, { formats: [pythonFormat()] })` of `@engine/config`. Tuples and sets become lists there, integers and
 * floats numbers, an imported class its name; functions and modules are left out. Every value keeps its place and what it overrode.
 */
export function pythonFormat(options: Omit<PythonConfigOptions, 'importCustomModules'> = {}): ConfigFormat {
  return {
    extensions: ['.py'],
    load: async (file) => {
      const config = PythonConfig.fromFile(file, { ...options, importCustomModules: false });
      return { root: treeOf(config, file), files: config.sources };
    },
  };
}

const DEEPEST = 400;

/** The values of a config as the engine's own loader keeps them. */
export function treeOf(config: PythonConfig, file: string): MapNode {
  return mapOf(config.toLazyDict(), { file }, 0);
}

function mapOf(dict: PyDict, at: SourceLocation | undefined, depth: number): MapNode {
  const entries = new Map<string, Node>();
  for (const entry of dict.entries()) {
    if (!isCode(entry.value)) entries.set(str(entry.key), entryOf(entry, at, depth));
  }
  return mapNode(entries, at);
}

function isCode(value: PyValue): boolean {
  return value instanceof PyFunction || value instanceof PyNative || value instanceof PyModule;
}

function entryOf(entry: DictEntry, around: SourceLocation | undefined, depth: number): Node {
  const node = nodeOf(entry.value, locate(entry.site) ?? around, { depth: depth + 1, isType: entry.key === 'type' });
  return entry.overrode === undefined ? node : overriding(node, entryOf(entry.overrode, around, depth + 1));
}

function locate(site: Site | undefined): SourceLocation | undefined {
  return site?.source.locate(site.start);
}

function nodeOf(
  value: PyValue,
  at: SourceLocation | undefined,
  { depth, isType }: { readonly depth: number; readonly isType: boolean },
): Node {
  if (depth > DEEPEST) throw endless();
  const items = itemsOf(value);
  if (items !== undefined)
    return listNode(
      Array.from(items, (item) => nodeOf(item, at, { depth: depth + 1, isType: false })),
      at,
    );
  if (value instanceof PyDict) return mapOf(value, at, depth);
  if (value instanceof LazyObject || value instanceof LazyAttr)
    return valueNode(isType && !isKnownPackage(value.dotted) ? value.text : value.dotted, at);
  if (typeof value === 'bigint') return valueNode(Number(value), at);
  return valueNode(typeof value === 'object' && value !== null ? repr(value) : value, at);
}

/** Its classes go by their import path, which the registry reads; those of the user's own modules by their name. */
function isKnownPackage(path: string): boolean {
  const [root = ''] = path.split('.');
  return ROOT_PACKAGES.has(root) || PACKAGES.has(root);
}

function itemsOf(value: PyValue): Iterable<PyValue> | undefined {
  return Array.isArray(value) || value instanceof PyTuple || value instanceof PySet || value instanceof PyRange
    ? iterate(value)
    : undefined;
}
