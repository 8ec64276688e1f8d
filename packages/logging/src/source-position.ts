/** A place in a program, as a stack trace tells it. */
export interface SourcePosition {
  /** A file's path, or a URL where the code was not a file. */
  readonly path: string;
  /** `<anonymous>` where it has no name. */
  readonly function: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Node's and Chromium's `at name (place:1:2)` and `at place:1:2`; Firefox's and Safari's `name@place:1:2`. */
const FRAME =
  /^\s*(?:at (?:(?:async |new )*(?<named>[^()]+?) \((?<in>.+)\)|(?:async )?(?<bare>.+))|(?<other>[^@]*)@(?<there>.+))$/;
const PLACE = /^(.+?):(\d+)(?::\d+)?$/;

/** The frame at `depth` (0 is the innermost) of `stack`, an `Error`'s; undefined where it cannot be read. */
export function frameAt(stack: string | undefined, depth: number): SourcePosition | undefined {
  const frames = (stack ?? '').split('\n').filter((line) => FRAME.test(line) && PLACE.test(placeIn(line)));
  const frame = frames[depth];
  if (frame === undefined) return undefined;
  const groups = FRAME.exec(frame)?.groups ?? {};
  const [, path = '', line = ''] = PLACE.exec(placeIn(frame)) ?? [];
  const name = (groups['named'] ?? groups['other'] ?? '').replace(/ \[as .+\]$/, '');
  return { path: asPath(path), function: name === '' ? '<anonymous>' : name, line: Number(line) };
}

function placeIn(frame: string): string {
  const groups = FRAME.exec(frame)?.groups ?? {};
  return groups['in'] ?? groups['bare'] ?? groups['there'] ?? '';
}

function asPath(place: string): string {
  if (!place.startsWith('file://')) return place;
  const path = decodeURI(place.slice('file://'.length));
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}
