/**
 * Runs as text, as COCO writes them: from the fourth on the difference to the one before the last, in groups of five bits from the lowest,
 * each a character from `0` (48) on; bit 32 says that more follow, and the highest bit of the last group is the sign.
 */
export function textOfCounts(counts: readonly number[]): string {
  const codes: number[] = [];
  counts.forEach((count, i) => {
    let rest = i > 2 ? count - (counts[i - 2] as number) : count;
    for (let more = true; more; ) {
      const higher = Math.floor(rest / 32);
      const group = rest - 32 * higher;
      rest = higher;
      more = group & 16 ? rest !== -1 : rest !== 0;
      codes.push(48 + (more ? group | 32 : group));
    }
  });
  let text = '';
  for (let at = 0; at < codes.length; at += CHUNK) text += String.fromCharCode(...codes.slice(at, at + CHUNK));
  return text;
}

/** Arguments of one call have a limit. */
const CHUNK = 8192;

/** The inverse of {@link textOfCounts}; undefined for a text that is none, or ends within a number. */
export function countsOfText(text: string): number[] | undefined {
  const counts: number[] = [];
  let [value, scale] = [0, 1];
  for (let i = 0; i < text.length; i++) {
    const group = text.charCodeAt(i) - 48;
    if (group < 0 || group > 63) return undefined;
    value += (group & 31) * scale;
    scale *= 32;
    if (group & 32) continue;
    if (group & 16) value -= scale;
    if (counts.length > 2) value += counts[counts.length - 2] as number;
    if (value < 0 || !Number.isSafeInteger(value)) return undefined;
    counts.push(value);
    [value, scale] = [0, 1];
  }
  return scale === 1 ? counts : undefined;
}
