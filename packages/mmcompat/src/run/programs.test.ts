/** Small programs and what Python itself makes of them: values by their `repr`, failures by their exception. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../config/files.js';
import { TextImporter } from '../config/importers.js';
import { ConfigLoader } from '../config/loader.js';
import { parsePython } from '../syntax/parse.js';
import { PythonException } from '../values/exception.js';
import { repr } from '../values/repr.js';
import { Interpreter } from './interpreter.js';
import { Scope } from './scope.js';

interface Program {
  readonly code: string;
  readonly repr?: string;
  readonly error?: string;
}

const file = new URL('../../../../tooling/golden/config/python_programs.json', import.meta.url);
const { programs } = JSON.parse(readFileSync(file, 'utf8')) as { readonly programs: readonly Program[] };

function run(code: string): string {
  const module = parsePython(code, 'c.py');
  const loader = new ConfigLoader(nodeFiles(), {}, []);
  const globals = new Scope();
  new Interpreter(module.source, loader, new TextImporter(loader)).run(module, globals);
  return repr(globals.names.get('x')?.value ?? null);
}

describe('Python', () => {
  it('has programs of every kind', () => expect(programs.length).toBeGreaterThan(150));

  it.each(programs.filter((program) => program.error === undefined))('$code', ({ code, repr: expected }) => {
    expect(run(code)).toBe(expected);
  });

  it.each(programs.filter((program) => program.error !== undefined))('fails: $code', ({ code, error }) => {
    expect(() => run(code)).toThrow(PythonException);
    try {
      run(code);
    } catch (raised) {
      expect((raised as PythonException).type).toBe(error);
      expect((raised as PythonException).site).toBeDefined();
    }
  });
});
