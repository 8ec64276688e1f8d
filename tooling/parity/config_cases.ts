import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineError } from '@engine/core';
import { PyDict, type PyValue, parseJson, pythonTypeOf } from '@engine/mmcompat';
import { faultOf, type Outcome } from './config/expectation.js';
import { runCase } from './config/operations.js';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { readGoldenText } from './harness/replay.js';

/** Small configs with an action on each: inheritance, Python, overrides, variables, formats, MMEngine's `Config` and printing. */
export const area: ParityArea = {
  name: 'config_cases',
  tolerance: 'exact; errors by type and by what they mention',
  context: ['schema', 'reference'],
  async *replay(file) {
    // as Python reads it, so that 1 and 1.0 stay apart
    const golden = parseJson(await readGoldenText(file), file);
    const cases = golden instanceof PyDict ? golden.get('cases') : undefined;
    for (const [index, each] of (Array.isArray(cases) ? cases : []).entries()) {
      if (each instanceof PyDict) yield replay(each, `cases[${index}]`);
    }
  },
};

async function replay(golden: PyDict, id: string): Promise<ReplayResult> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'config-')));
  try {
    for (const { key, value } of members(golden.get('files'))) {
      const path = join(root, String(key));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, String(value));
    }
    const fault = faultOf(golden, outcomeOf(golden, root), root);
    return fault === undefined ? { id, ok: true } : { id, ok: false, error: `${String(golden.get('name'))}: ${fault}` };
  } finally {
    await rm(root, { recursive: true });
  }
}

function members(value: PyValue | undefined): ReturnType<PyDict['entries']> {
  return (value instanceof PyDict ? value : new PyDict()).entries();
}

function outcomeOf(golden: PyDict, root: string): Outcome {
  const env = Object.fromEntries(
    Array.from(members(golden.get('env')), ({ key, value }) => [String(key), String(value)]),
  );
  const action = golden.at('action');
  if (!(action instanceof PyDict)) return { fault: 'the case has no action' };
  try {
    return runCase(action, { root, env });
  } catch (error) {
    if (error instanceof EngineError)
      return { error: { type: pythonTypeOf(error), code: error.code, message: error.message } };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
