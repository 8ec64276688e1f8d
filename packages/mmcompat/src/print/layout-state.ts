import { closes, opens, type Token } from './layout-tokens.js';

export const WIDTH = 79;
export const INDENT = 4;
const EXCESS = 7000;
const ADDED_LINE = 30;

/** What is known of a bracket that is open. */
interface Level {
  readonly indent: number;
  /** Where the line that it was opened on starts. */
  readonly lineStart: number;
  readonly closingIndent: number;
  readonly breaksBeforeClosing: boolean;
  readonly breaks: number;
}

/** The tokens before `next` are placed. Never changes. */
export class LayoutState {
  readonly tokens: readonly Token[];
  readonly next: number;
  readonly column: number;
  readonly levels: readonly Level[];
  /** Within how many brackets the outermost part of the line stands. */
  readonly lowest: number;

  private constructor(
    tokens: readonly Token[],
    { next, column, levels, lowest }: Pick<LayoutState, 'next' | 'column' | 'levels' | 'lowest'>,
  ) {
    this.tokens = tokens;
    this.next = next;
    this.column = column;
    this.levels = levels;
    this.lowest = lowest;
  }

  /** After the first token. */
  static start(tokens: readonly Token[]): LayoutState {
    const level = { indent: 0, lineStart: 0, closingIndent: 0, breaksBeforeClosing: false, breaks: 0 };
    return new LayoutState(tokens, { next: 1, column: tokens[0]?.text.length ?? 0, levels: [level], lowest: 0 });
  }

  /** Equal for states that go on alike. */
  get key(): string {
    const levels = this.levels.map(
      (level) =>
        `${level.indent},${level.lineStart},${level.closingIndent},${Number(level.breaksBeforeClosing)},${level.breaks}`,
    );
    return `${this.place};${levels.join(';')}`;
  }

  /** Equal for states that differ in the brackets around at most. */
  get place(): string {
    return `${this.next};${this.column};${this.lowest}`;
  }

  get top(): Level {
    return this.levels.at(-1) as Level;
  }

  /** The state with the next token placed, and what that costs. */
  put(
    isBreak: boolean,
    isRequired: boolean,
  ): { readonly state: LayoutState; readonly penalty: number; readonly indent: number } {
    const token = this.tokens[this.next] as Token;
    const before = this.tokens[this.next - 1] as Token;
    const indent = isBreak ? this.#breakColumn(token, before) : 0;
    const { level, penalty } = isBreak
      ? this.#broken(token, before, { indent, isRequired })
      : { level: this.#joined(token, before), penalty: 0 };
    const column = (isBreak ? indent : this.column + token.spaces) + token.text.length;
    const levels = this.#levelsAfter(token, level);
    const excess = Math.max(0, column - WIDTH) * EXCESS;
    const around = this.levels.length - 1;
    const lowest = isBreak ? around : opens(token) || closes(token) ? this.lowest : Math.min(this.lowest, around);
    const state = new LayoutState(this.tokens, { next: this.next + 1, column, levels, lowest });
    return { state, penalty: penalty + excess, indent };
  }

  #breakColumn(token: Token, before: Token): number {
    const { indent, closingIndent } = this.top;
    if (!closes(token)) return indent;
    return opens(before) ? Math.max(0, indent - INDENT) : closingIndent;
  }

  #joined(token: Token, before: Token): Level {
    if (!opens(before)) return this.top;
    return { ...this.top, closingIndent: this.column, indent: this.column + token.spaces };
  }

  #broken(
    token: Token,
    before: Token,
    { indent, isRequired }: { readonly indent: number; readonly isRequired: boolean },
  ): { readonly level: Level; readonly penalty: number } {
    let level: Level = { ...this.top, lineStart: indent };
    if (opens(before))
      level = { ...level, closingIndent: Math.max(0, level.indent - INDENT), breaksBeforeClosing: true };
    if (isRequired) return { level, penalty: token.penalty };
    level = { ...level, breaks: level.breaks + 1 };
    const nested = opens(token) && opens(before) && this.tokens[before.index - 1]?.kind !== 'name' ? 10 : 0;
    return { level, penalty: token.penalty + ADDED_LINE * level.breaks + nested + 10 };
  }

  #levelsAfter(token: Token, level: Level): readonly Level[] {
    const levels = [...this.levels.slice(0, -1), level];
    if (opens(token)) {
      levels.push({
        indent: INDENT + level.lineStart,
        lineStart: level.lineStart,
        closingIndent: 0,
        breaksBeforeClosing: false,
        breaks: 0,
      });
    } else if (closes(token) && levels.length > 1) {
      const outer = levels.at(-2) as Level;
      levels.splice(-2, 2, { ...outer, lineStart: level.lineStart });
    }
    return levels;
  }
}
