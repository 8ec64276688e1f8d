import { canonicalJson, PyDict, type PyValue, parseJson } from '@engine/mmcompat';
import { firstDifference } from './encoding.js';

/** What an action gave. */
export type Outcome =
  | { readonly config: PyValue; readonly warnings: readonly string[] }
  | { readonly value: PyValue }
  | { readonly text: string }
  | { readonly error: { readonly type: string; readonly code: string; readonly message: string } }
  /** It could not be carried out at all. */
  | { readonly fault: string };

/** Why an outcome is not the one that the case expects, in one line. */
export function faultOf(golden: PyDict, outcome: Outcome, root: string): string | undefined {
  const expect = golden.at('expect');
  if (!(expect instanceof PyDict)) return 'the case expects nothing';
  if ('fault' in outcome) return outcome.fault;
  const error = expect.get('error');
  if (error instanceof PyDict) return errorFault(error, outcome);
  if ('error' in outcome) return `${outcome.error.type} ${outcome.error.message.replaceAll('\n', ' ')}`;
  const known = expect.keys().filter((key) => key !== 'warnings');
  const [key] = known;
  if (known.length !== 1 || (key !== 'config' && key !== 'value' && key !== 'text'))
    return `nothing compares ${known.map(String).join(', ')}`;
  if (!(key in outcome)) return `expected a ${key}, got a ${Object.keys(outcome)[0]}`;
  if ('text' in outcome)
    return textFault(String(expect.at('text')), outcome.text, { root, isExact: golden.get('exact_text') === true });
  return (
    valueFault(expect.at(key), 'config' in outcome ? outcome.config : outcome.value, root) ??
    warningFault(expect, outcome, root)
  );
}

/** The types of Python that stand for each other where ours is one. */
const SAME: Readonly<Record<string, string>> = {
  JSONDecodeError: 'SyntaxError',
  ConfigParsingError: 'RuntimeError',
  ModuleNotFoundError: 'ImportError',
};

function errorFault(expected: PyDict, outcome: Outcome): string | undefined {
  const type = String(expected.get('type'));
  if (!('error' in outcome)) return `expected ${type}, but there was no error`;
  const general = (name: string) => SAME[name] ?? name;
  if (general(outcome.error.type) !== general(type))
    return `expected ${type}, got ${outcome.error.type}: ${outcome.error.message}`;
  const mentions = expected.get('mentions');
  const missing = (Array.isArray(mentions) ? mentions : []).find(
    (text) => !outcome.error.message.includes(String(text)),
  );
  return missing === undefined
    ? undefined
    : `the message does not mention ${String(missing)}: ${outcome.error.message}`;
}

function valueFault(expected: PyValue, actual: PyValue, root: string): string | undefined {
  const json = canonicalJson(actual).replaceAll(root, '<ROOT>');
  return firstDifference(expected, parseJson(json, 'actual'));
}

function textFault(
  expected: string,
  actual: string,
  { root, isExact }: { readonly root: string; readonly isExact: boolean },
): string | undefined {
  const text = actual.replaceAll(root, '<ROOT>');
  const isSame = isExact ? text === expected : text.replace(/\s+/g, '') === expected.replace(/\s+/g, '');
  return isSame ? undefined : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(text)}`;
}

function warningFault(expect: PyDict, outcome: Outcome, root: string): string | undefined {
  const expected = expect.get('warnings');
  if (!Array.isArray(expected)) return undefined;
  const actual = ('warnings' in outcome ? outcome.warnings : []).map((text) => text.replaceAll(root, '<ROOT>'));
  const missing = expected.find((text) => !actual.includes(String(text)));
  return missing === undefined ? undefined : `no warning: ${String(missing)}`;
}
