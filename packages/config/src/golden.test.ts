/** The recorded config behaviour of the reference. Cases with `.py` files belong to the reader of `.py` configs; the others must pass. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { EngineError } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { parseCfgOptions } from './cfg-options.js';
import { Config } from './config.js';
import type { ConfigReader } from './reader.js';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly action: {
    readonly op: string;
    readonly file?: string;
    readonly options?: Record<string, unknown>;
    readonly allow_list_keys?: boolean;
    readonly argv?: readonly string[];
    readonly base?: object;
    readonly other?: Record<string, unknown>;
    readonly value?: unknown;
    readonly text?: string;
    readonly format?: string;
  };
  readonly expect: {
    readonly config?: unknown;
    readonly value?: unknown;
    readonly error?: { readonly type: string; readonly mentions: readonly string[] };
  };
  readonly reference_quirk?: string;
}

const file = new URL('../../../tooling/golden/config/config_cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };

/** The one Python file that all cases about overriding start from, and what it says. */
const overriddenText =
  "net = dict(a=dict(b=1, c=[1, 2]), steps=[dict(k='x', p=1), dict(k='y', p=2), [5, 6]])\nlr = 0.1\n";
const overridden = { net: { a: { b: 1, c: [1, 2] }, steps: [{ k: 'x', p: 1 }, { k: 'y', p: 2 }, [5, 6]] }, lr: 0.1 };

const decidedOtherwise: Readonly<Record<string, string>> = {
  yaml_scalars: 'YAML 1.2 instead of 1.1: 1e-3 is a number, yes is text, 012 is twelve',
  bad_extension: 'TOML is a format here',
  merge_method:
    'keys for something that is not an object are an error in every merge here; the reference has a second merge that replaces',
};

function notApplicable({ files, action, name }: Case): string | undefined {
  const isPython = Object.entries(files).some(([path, text]) => path.endsWith('.py') && text !== overriddenText);
  if (isPython || action.format === '.py') return 'needs the reader of .py configs';
  return decidedOtherwise[name];
}

function readerOf(files: Case['files']): ConfigReader {
  return {
    resolve: (path, from) => posix.resolve(from === undefined ? '/' : posix.dirname(from), path),
    readText: (path) => Promise.resolve(files[path.slice(1)]),
    env: () => undefined,
  };
}

async function load({ files, action }: Case): Promise<Config> {
  if (files[action.file ?? ''] === overriddenText) return Config.fromData(overridden);
  return Config.fromFile(action.file ?? '', { reader: readerOf(files) });
}

async function replay(each: Case): Promise<unknown> {
  const { action } = each;
  switch (action.op) {
    case 'load':
      return (await load(each)).data;
    case 'merge':
      return (await load(each)).mergeFromDict(untuple(action.options) as Record<string, unknown>, {
        allowListKeys: action.allow_list_keys ?? true,
      }).data;
    case 'load_options':
      return (await load(each)).mergeCfgOptions(action.argv ?? []).data;
    case 'parse_options':
      return parseCfgOptions(action.argv ?? []);
    case 'cd_update':
    case 'cd_merge':
      return Config.fromData(action.base).mergeFromDict(action.other ?? {}).data;
    case 'construct':
      return Config.fromData(action.value).data;
    case 'fromstring':
      return (await Config.fromString(action.text ?? '', action.format ?? '')).data;
    default:
      throw new Error(`no replay for ${action.op}`);
  }
}

/** JavaScript has no tuples; lists stand for them. */
function untuple(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untuple);
  if (typeof value !== 'object' || value === null) return value;
  if ('__tuple__' in value) return untuple(value.__tuple__);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untuple(item)]));
}

const codes: Readonly<Record<string, readonly string[]>> = {
  KeyError: ['ENGINE_CONFIG_BAD_INDEX'],
  TypeError: ['ENGINE_CONFIG_MERGE_TYPE', 'ENGINE_CONFIG_NOT_A_MAPPING'],
  AssertionError: ['ENGINE_CONFIG_BAD_OPTION'],
  ValueError: ['ENGINE_CONFIG_BAD_OPTION'],
  OSError: ['ENGINE_CONFIG_UNKNOWN_FORMAT'],
  JSONDecodeError: ['ENGINE_CONFIG_SYNTAX'],
};

describe('recorded config cases', () => {
  const applicable = cases.filter((each) => notApplicable(each) === undefined);

  it('leave out only .py files and three decisions', () => {
    const others = cases.filter(
      (each) => notApplicable(each) !== undefined && notApplicable(each) !== 'needs the reader of .py configs',
    );
    expect(others.map((each) => each.name)).toEqual(Object.keys(decidedOtherwise));
    expect([cases.length, applicable.length]).toEqual([122, 29]);
  });

  it.each(applicable)('$name', async (each) => {
    const got = await replay(each).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if (each.reference_quirk !== undefined) {
      expect(got).toEqual({ result: { ...overridden, net: { ...overridden.net, a: { b: 1, c: [1, 7] } } } });
      return;
    }
    if (each.expect.error === undefined) {
      expect(got).toEqual({ result: untuple(each.expect.config ?? each.expect.value) });
      return;
    }
    expect(got).toHaveProperty('error');
    const { error } = got as { error: EngineError };
    expect(error).toBeInstanceOf(EngineError);
    expect(codes[each.expect.error.type]).toContain(error.code);
    const mentions = each.expect.error.mentions.filter((text) => !['py', 'dict', 'list'].includes(text));
    for (const mention of mentions) expect(error.message).toContain(mention);
  });
});
