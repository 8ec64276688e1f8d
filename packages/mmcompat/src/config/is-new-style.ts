import { mmcompatErrors } from '../errors.js';
import { STANDARD_LIBRARY } from '../run/stdlib-names.js';
import type { Assign, Expression, Module, Statement, With } from '../syntax/ast.js';
import { walk } from '../syntax/walk.js';

/** `_base_ = ...` */
export function isBaseAssignment(node: Statement | Expression): node is Assign {
  const [target] = node.kind === 'Assign' ? node.targets : [];
  return target?.kind === 'Name' && target.id === '_base_';
}

/** Whether an import of a module leaves a config in text mode: Python's own modules, and `mmengine.config`. */
export function isStandardModule(name: string): boolean {
  return name.startsWith('mmengine.config') || STANDARD_LIBRARY.has(name.split('.')[0] ?? '');
}

const answers = new WeakMap<Module, boolean>();

/** Whether a file is a new-style config: the first telling statement decides. @throws `ENGINE_MMCOMPAT_BAD_IMPORT` for any other `with` */
export function isNewStyle(module: Module, file: string): boolean {
  let answer = answers.get(module);
  if (answer === undefined) answers.set(module, (answer = decide(module, file)));
  return answer;
}

function decide(module: Module, file: string): boolean {
  for (const node of walk(module)) {
    if (isBaseAssignment(node)) return false;
    if (node.kind === 'With') {
      if (!isReadBase(node.items[0]?.context)) throw otherWith(node, module, file);
      return true;
    }
    if (node.kind === 'ImportFrom') {
      if (node.level > 0) return true;
      const [only] = node.names;
      if (node.module === 'mmengine' && node.names.length === 1 && only?.name === 'Config') continue;
      if (!isStandardModule(node.module)) return true;
    }
    if (node.kind === 'Import' && node.names.some(({ name }) => !isStandardModule(name))) return true;
  }
  return false;
}

export function isReadBase(context: Expression | undefined): boolean {
  return context?.kind === 'Call' && context.func.kind === 'Name' && context.func.id === 'read_base';
}

export function otherWith(node: With, { source }: Module, file: string): Error {
  return mmcompatErrors.BAD_IMPORT({
    subject: file,
    expected: 'no `with` but `with read_base():`',
    received: source.text.slice(node.start, node.end).split('\n', 1)[0] ?? 'with',
    action: 'leave it out; only read_base is a context manager that configs can use',
    at: source.locate(node.start),
  });
}
