/** YAML 1.2, as configs are read, and what PyYAML adds for tuples. Loaded when a YAML file is met. */
import { Document, isScalar, parseDocument, type ToJSOptions, visit } from 'yaml';
import type { PlainData } from './plain-data.js';

const TUPLE = 'tag:yaml.org,2002:python/tuple';
const LIMITS: ToJSOptions = { maxAliasCount: 100 };

/** `1e-4` is a number, `yes` a text; Python's tuples are lists; other tags of programs are refused. @throws Error, with a line and column */
export function parseYamlText(text: string): unknown {
  const document = parseDocument(text, {
    merge: true,
    logLevel: 'error', // 'silent' would pass over a second document
    customTags: [{ tag: TUPLE, collection: 'seq', resolve: (seq) => seq }],
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  return document.toJS(LIMITS) as unknown;
}

/** In the order of the keys. Text that YAML 1.1 takes for something else, as `yes`, is in quotes. */
export function toYamlText(value: PlainData): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '<<') key.type = 'QUOTE_DOUBLE'; // plain, it would merge
    },
  });
  return document.toString({ lineWidth: 0 });
}
