import type { Module } from '../syntax/ast.js';
import { parsePython } from '../syntax/parse.js';
import type { PythonSource } from '../syntax/source.js';

/** Syntax trees of the files that were read last: configs share most of their bases. A tree never changes. */
const trees = new Map<string, Module>();
const MOST = 1000;

/** @throws those of {@link parsePython} */
export function parsedModule(source: PythonSource): Module {
  const known = trees.get(source.file);
  if (known !== undefined && known.source.text === source.text && known.source.original === source.original)
    return known;
  const module = parsePython(source);
  if (trees.size >= MOST) trees.clear();
  trees.set(source.file, module);
  return module;
}
