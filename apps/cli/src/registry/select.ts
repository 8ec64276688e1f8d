import type { Kind } from '@engine/core';
import { type EntryInfo, nearest, type Registry } from '@engine/registry';
import { cliErrors } from '../errors.js';

/** What a command line asks for: everything, a kind, an entry, or the entries of that name in every kind. */
export interface Selection {
  readonly kind: Kind | undefined;
  readonly name: string | undefined;
  readonly entries: readonly EntryInfo[];
}

/**
 * The entries of `engine registry [KIND] [NAME]`. A kind may be written as MMEngine's registry of it (`HOOKS`, `OPTIM_WRAPPERS`); a first
 * word that is no kind may be the name of an entry.
 *
 * @throws `ENGINE_CLI_UNKNOWN_ENTRY`
 */
export function select(registry: Registry, kindWord?: string, name?: string): Selection {
  const all = registry.listAll();
  if (kindWord === undefined) return { kind: undefined, name: undefined, entries: all };
  const named = name === undefined ? all.filter((info) => info.name === kindWord) : [];
  const kind = kindOf(kindWord, all);
  if (named.length > 0 && kind !== kindWord) return { kind: undefined, name: kindWord, entries: named };
  if (kind === undefined) throw unknownKind(kindWord, all);
  const ofKind = all.filter((info) => info.kind === kind);
  if (name === undefined) return { kind, name, entries: ofKind };
  const wanted = ofKind.filter((info) => info.name === name);
  if (wanted.length === 0) throw unknownName(kind, name, ofKind);
  return { kind, name, entries: wanted };
}

function kindOf(word: string, all: readonly EntryInfo[]): Kind | undefined {
  const kinds = [...new Set(all.map((info) => info.kind))];
  return kinds.find((kind) => kind === word) ?? kinds.find((kind) => fold(kind) === singular(fold(word)));
}

function fold(text: string): string {
  return text.replaceAll(/[_\s-]/g, '').toLowerCase();
}

function singular(word: string): string {
  return word.replace(/ies$/, 'y').replace(/s$/, '');
}

function unknownKind(word: string, all: readonly EntryInfo[]): Error {
  const kinds = [...new Set(all.map((info) => info.kind))];
  const meant =
    nearest(word, kinds) ??
    nearest(
      word,
      all.map((info) => info.name),
    );
  return cliErrors.UNKNOWN_ENTRY({
    subject: word,
    expected: `a kind (${kinds.join(', ')}), or the name of an entry`,
    received: word,
    action: meant === undefined ? `run engine registry for all of them${orImport}` : `write ${meant}${orImport}`,
  });
}

function unknownName(kind: Kind, name: string, entries: readonly EntryInfo[]): Error {
  const names = entries.map((info) => info.name);
  const meant = nearest(name, names);
  return cliErrors.UNKNOWN_ENTRY({
    subject: `${kind} ${name}`,
    expected: `one of the ${kind} entries: ${names.join(', ')}`,
    received: name,
    action:
      meant === undefined ? `run engine registry ${kind} for all of them${orImport}` : `write ${meant}${orImport}`,
  });
}

const orImport = '; entries of other packages show with --import PACKAGE or --config FILE';
