import type { EngineError } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { type MapNode, toData, toNode } from './tree.js';
import {
  resolveBaseReferences,
  substituteEnvironment,
  substituteFileVariables,
  tokenizeBaseReferences,
} from './variables.js';

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    return error as EngineError;
  }
  throw new Error('nothing was thrown');
}

describe('file variables', () => {
  it.each([
    ['/a/b/my.config.yaml', '/a/b|my.config.yaml|my.config|.yaml'],
    ['C:\\a\\b.json', 'C:/a|b.json|b|.json'],
    ['/top.json', '/|top.json|top|.json'],
    ['bare', '.|bare|bare|'],
  ])('%s', (file, expected) => {
    const text = '{{ fileDirname }}|{{fileBasename}}|{{ fileBasenameNoExtension}}|{{fileExtname }}';
    expect(substituteFileVariables(text, file)).toBe(expected);
    expect(substituteFileVariables('{{ other }} {{ constructor }}', file)).toMatch(/^\{\{ other \}\}/);
  });
});

describe('environment variables', () => {
  const env = (name: string) => ({ PORT: '80', HOST: 'a+b(c)', EMPTY: '' })[name];
  it.each([
    ['{{$PORT:1}}', '80'],
    ["{{'$PORT:1'}}", '80'],
    ['"{{ $HOST:x }}"', '"a+b(c)"'],
    ['{{$NONE:a+b}}', 'a+b'],
    ['{{ $NONE : 1.5 }}', '1.5'],
    ['{{$PORT:1}}-{{$NONE:2}}', '80-2'],
    ['{{ PORT }}', '{{ PORT }}'],
  ])('%s → %s', (text, expected) => {
    expect(substituteEnvironment(text, env, 'f.yaml')).toBe(expected);
  });

  it('wants a value or a default, and says where', () => {
    for (const name of ['NONE', 'EMPTY']) {
      expect(failure(() => substituteEnvironment(`a: 1\nb: {{$${name}:}}`, env, 'f.yaml'))).toMatchObject({
        code: 'ENGINE_CONFIG_MISSING_ENV',
        subject: name,
        at: { file: 'f.yaml', line: 2, column: 4 },
      });
    }
  });
});

describe('base references', () => {
  const base = toNode({ model: { depth: 50, sizes: [1, 2] }, lr: 0.1 }, { file: 'base.yaml' }) as MapNode;
  const resolve = (text: string) => {
    const tokenized = tokenizeBaseReferences(text);
    const [, value = ''] = /^x: "?([^"]*)"?$/.exec(tokenized.text) ?? [];
    return toData(resolveBaseReferences(toNode({ x: [value] }, { file: 'f.yaml' }), tokenized.references, base));
  };

  it('stand for whole values of the base', () => {
    expect(resolve('x: {{_base_.model}}')).toEqual({ x: [{ depth: 50, sizes: [1, 2] }] });
    expect(resolve('x: {{ _base_.model.sizes.1 }}')).toEqual({ x: [2] });
    expect(resolve('x: "{{ _base_.lr }}"')).toEqual({ x: [0.1] });
    expect(resolve('x: _base_.lr')).toEqual({ x: ['_base_.lr'] });
  });

  it('must exist and stand alone', () => {
    expect(failure(() => resolve('x: {{_base_.modle}}'))).toMatchObject({
      code: 'ENGINE_CONFIG_UNKNOWN_BASE_KEY',
      action: 'write {{_base_.model}}',
    });
    expect(failure(() => resolve('x: a {{_base_.lr}} b'))).toMatchObject({
      code: 'ENGINE_CONFIG_EMBEDDED_REFERENCE',
      received: 'a {{_base_.lr}} b',
    });
  });
});
