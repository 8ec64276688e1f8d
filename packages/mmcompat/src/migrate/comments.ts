import type { Comment, Module, Spanned } from '../syntax/index.js';
import type { Commented } from './code.js';

/** Hands a module's comments out, each once, to the code that they stand beside. */
export class Comments {
  readonly #text: string;
  readonly #all: readonly Comment[];
  readonly #taken = new Set<Comment>();

  constructor(module: Module) {
    this.#text = module.source.text;
    this.#all = module.comments;
  }

  /** Those that nobody has taken and that start before an offset. */
  before(offset: number): string[] {
    return this.#take((comment) => comment.start < offset);
  }

  /** The one behind a node on its last line, with nothing but a comma or a bracket's end between. */
  behind(node: Spanned): string | undefined {
    const next = this.#all.find((comment) => comment.start >= node.end);
    if (next === undefined || !/^[ \t,]*$/.test(this.#text.slice(node.end, next.start))) return undefined;
    return this.#take((comment) => comment === next)[0];
  }

  /** Takes a node's comments: `lead` now, `trail` once `build` has taken those inside. */
  around<T>(node: Spanned, build: () => T): { readonly built: T } & Commented {
    const lead = this.before(node.start);
    const built = build();
    return { built, lead, trail: this.behind(node) };
  }

  /** All within a node, taken before or not: what is left to do where its code could not be kept. */
  within(node: Spanned): string[] {
    const inside = this.#all.filter((comment) => comment.start >= node.start && comment.start < node.end);
    for (const comment of inside) this.#taken.add(comment);
    return inside.map(asTypeScript);
  }

  #take(isWanted: (comment: Comment) => boolean): string[] {
    const wanted = this.#all.filter((comment) => !this.#taken.has(comment) && isWanted(comment));
    for (const comment of wanted) this.#taken.add(comment);
    return wanted.map(asTypeScript);
  }
}

function asTypeScript({ text }: Comment): string {
  return `//${text.replace(/^#+/, '').trimEnd()}`;
}
