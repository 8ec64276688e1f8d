import pc from 'picocolors';
import type { Finding } from './finding.js';

/** The findings as lines, each with what to do below it where something is to be done, and a sentence at the end. */
export function renderFindings(findings: readonly Finding[], options: { readonly colour: boolean }): string {
  const { green, yellow, red, dim } = pc.createColors(options.colour);
  const marks = { ok: green('ok     '), note: yellow('note   '), missing: red('missing') };
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.flatMap(({ what, state, found, action }) => [
    `${marks[state]}  ${what.padEnd(width)}  ${found}`,
    ...(action === undefined ? [] : [`         ${' '.repeat(width)}  ${dim(`do: ${action}`)}`]),
  ]);
  const missing = findings.filter(({ state }) => state === 'missing').length;
  const verdict =
    missing === 0 ? 'This machine can train.' : `${missing} thing${missing === 1 ? ' is' : 's are'} missing.`;
  return `${lines.join('\n')}\n\n${verdict}\n`;
}
