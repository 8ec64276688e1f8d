import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '@engine/core';
import { canonicalJson, nodeFiles, PyDict, PythonConfig, parseJson, pythonTypeOf } from '@engine/mmcompat';
import { firstDifference } from './config/encoding.js';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { readGoldenText } from './harness/replay.js';

interface Record {
  readonly path: string;
  readonly error?: { readonly type: string; readonly message: string };
  readonly sha256_ordered?: string;
  readonly pretty_sha256?: string;
}

/** Every config of an OpenMMLab package: the very dictionary that MMEngine loads, and its text before the formatter. */
export const area: ParityArea = {
  name: 'config_corpus',
  tolerance: 'exact: integers and floats, tuples, None and the order of keys kept apart',
  async *replay(file, { sites = join(dirname(file), 'sites') }) {
    const root = join(sites, basename(file).replace(/\.jsonl(?:\.gz)?$/, ''));
    if (!existsSync(root))
      throw new Error(
        `${root} is not there: unpack the package's wheel into it, and name the folder around it with --sites`,
      );
    const files = nodeFiles({ packagePath: [root, ...(await otherSites(file, sites))], env: {} });
    const lines = (await readGoldenText(file)).split('\n').filter((line) => line.trim() !== '');
    for (const [index, line] of lines.entries()) {
      const fault = faultOf(line, root, (path) => PythonConfig.fromFile(path, { files, importCustomModules: false }));
      yield result(`records[${index}]`, line, fault);
    }
  },
};

/** The packages that were installed beside the one that the file is about. */
async function otherSites(file: string, sites: string): Promise<string[]> {
  const list = join(dirname(file), 'packages.json');
  if (!existsSync(list)) return [];
  const packages = JSON.parse(await readFile(list, 'utf8')) as {
    readonly [name: string]: readonly string[] | undefined;
  };
  return (packages[basename(file).replace(/\.jsonl(?:\.gz)?$/, '')] ?? []).map((name) => join(sites, name));
}

function result(id: string, line: string, fault: string | undefined): ReplayResult {
  if (fault === undefined) return { id, ok: true };
  return { id, ok: false, error: `${(JSON.parse(line) as Record).path}: ${fault}` };
}

function faultOf(line: string, root: string, load: (path: string) => PythonConfig): string | undefined {
  const record = JSON.parse(line) as Record;
  let config: PythonConfig;
  let json: string;
  try {
    config = load(join(root, record.path));
    json = canonicalJson(config.toLazyDict()).replaceAll(root, '<ROOT>');
  } catch (error) {
    if (!(error instanceof EngineError)) return `an error without a code: ${String(error)}`;
    return record.error === undefined ? `${pythonTypeOf(error)}: ${error.message}` : undefined;
  }
  if (record.error !== undefined)
    return `loaded, but the reference fails with ${record.error.type}: ${record.error.message}`;
  return dictFault(record, line, json) ?? prettyFault(record, config, root);
}

function dictFault(record: Record, line: string, json: string): string | undefined {
  if (sha256(json) === record.sha256_ordered) return undefined;
  const golden = parseJson(line, record.path);
  const expected = (golden instanceof PyDict ? golden.get('config') : undefined) ?? null;
  const fault = firstDifference(expected, parseJson(json, record.path));
  if (fault !== undefined) return fault;
  return withoutReprs(canonicalJson(expected)) === withoutReprs(json) ? undefined : 'the keys are in another order';
}

/** Functions, classes and modules are printed with what only Python knows of them. */
function withoutReprs(json: string): string {
  return json.replace(/\{"__repr__":"(?:[^"\\]|\\.)*"\}/g, '{"__repr__":""}');
}

function prettyFault({ pretty_sha256: expected }: Record, config: PythonConfig, root: string): string | undefined {
  if (expected === undefined || canonicalJson(config.toLazyDict()).includes('"__repr__"')) return undefined;
  return sha256(config.source.replaceAll(root, '<ROOT>')) === expected ? undefined : 'the Python source differs';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
