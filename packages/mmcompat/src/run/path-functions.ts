import { posix } from 'node:path';
import { type NativeCall, PyTuple, type PyValue } from '../values/value.js';
import { bind, textArgument } from './bind.js';
import type { Surroundings } from './surroundings.js';

type Make = (name: string, run: (call: NativeCall) => PyValue) => readonly [string, PyValue];

/** `os.path`, on POSIX. */
export function pathFunctions(around: Surroundings, make: Make): (readonly [string, PyValue])[] {
  const absolute = (path: string) => posix.resolve(around.cwd, path);
  const one = (name: string, compute: (path: string) => PyValue) =>
    make(name, (call) => compute(textArgument(name, bind(name, call, ['path'])[0])));
  const join = (call: NativeCall) => {
    const parts = call.args.map((part) => textArgument('join', part));
    return parts.reduce((path, part) =>
      part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
    );
  };
  return [
    ['sep', '/'],
    make('join', join),
    one('dirname', (path) => head(path)),
    one('basename', (path) => path.slice(path.lastIndexOf('/') + 1)),
    one('split', (path) => new PyTuple([head(path), path.slice(path.lastIndexOf('/') + 1)])),
    one('splitext', (path) => new PyTuple(splitExtension(path))),
    one('abspath', absolute),
    one('realpath', absolute),
    one('normpath', (path) => normalized(path)),
    one('expanduser', (path) => path.replace(/^~(?=\/|$)/, around.env('HOME') ?? '~')),
    one('isabs', (path) => path.startsWith('/')),
    one('exists', (path) => around.kindOf(absolute(path)) !== undefined),
    one('isfile', (path) => around.kindOf(absolute(path)) === 'file'),
    one('isdir', (path) => around.kindOf(absolute(path)) === 'folder'),
    make('relpath', (call) => {
      const [path, start = '.'] = bind('relpath', call, ['path', 'start?']);
      return posix.relative(absolute(textArgument('relpath', start)), absolute(textArgument('relpath', path))) || '.';
    }),
  ];
}

function head(path: string): string {
  const before = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(before) ? before : before.replace(/\/+$/, '');
}

function normalized(path: string): string {
  const text = posix.normalize(path);
  return text.length > 1 ? text.replace(/\/$/, '') : text;
}

function splitExtension(path: string): [string, string] {
  const start = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  return dot <= start || /^\.*$/.test(path.slice(start, dot)) ? [path, ''] : [path.slice(0, dot), path.slice(dot)];
}
