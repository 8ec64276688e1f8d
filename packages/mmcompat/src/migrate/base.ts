import type { Analysis } from './analyse.js';
import type { Code } from './code.js';

/** A base of a config: a module that the migrated one imports. */
export class Base {
  /** As the file names it. */
  readonly specifier: string;
  /** Absolute path of the Python file; undefined for one of another package. */
  readonly file: string | undefined;
  /** The variable that its import is bound to. */
  readonly identifier: string;
  /** The names that a new-style file imports of it, by the name that they get; undefined for all. */
  readonly names: ReadonlyMap<string, string> | undefined;
  readonly analysis: Analysis | undefined;

  constructor(init: Pick<Base, 'specifier' | 'file' | 'identifier' | 'names' | 'analysis'>) {
    this.specifier = init.specifier;
    this.file = init.file;
    this.identifier = init.identifier;
    this.names = init.names;
    this.analysis = init.analysis;
  }

  has(name: string): boolean {
    const own = this.names === undefined ? name : this.names.get(name);
    return own !== undefined && this.analysis !== undefined && hasName(this.analysis, own);
  }

  /** Whether it sets the name itself, rather than a base of its own. */
  isOwn(name: string): boolean {
    return this.names === undefined && this.analysis?.drafts.some((draft) => draft.name === name) === true;
  }

  codeOf(name: string): Code | undefined {
    const own = this.names === undefined ? name : this.names.get(name);
    return own === undefined || this.analysis === undefined ? undefined : codeIn(this.analysis, own);
  }
}

function hasName(analysis: Analysis, name: string): boolean {
  return analysis.drafts.some((draft) => draft.name === name) || analysis.bases.some((base) => base.has(name));
}

/** What a name is, unless several files have a part of it. */
function codeIn(analysis: Analysis, name: string): Code | undefined {
  const own = analysis.drafts.find((draft) => draft.name === name);
  const above = analysis.bases.findLast((base) => base.has(name));
  if (own === undefined) return above?.codeOf(name);
  const isMerged = above !== undefined && !analysis.isLazy && own.code?.kind === 'object';
  return isMerged ? undefined : own.code;
}
