/**
 * A SHA-256 over the whole file, kept in the file's own metadata. It stands at a fixed place, right at the beginning of
 * the header, and counts as zeros while it is computed; so header and data are both covered.
 */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

export const CHECKSUM_KEY = 'engine.sha256';
/** What a placeholder and a digest have in common: 64 characters. */
export const EMPTY_CHECKSUM = '0'.repeat(64);
/** Bytes that are counted in one go: a few milliseconds. */
const PIECE = 2 ** 22;
/** Where the digest begins, counted from the beginning of the header. */
const POSITION = `{"__metadata__":{"${CHECKSUM_KEY}":"`.length;

/** Fills the digest into a header that holds the placeholder. `data` follows the header in the file. */
export function sign(header: Uint8Array, data: Iterable<Uint8Array>): void {
  header.set(new TextEncoder().encode(digest(header, data)), POSITION);
}

/** As {@link sign}, in pieces that leave the event loop its turns. */
export async function signInTurns(header: Uint8Array, data: Iterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256').update(header);
  let since = 0;
  for (const chunk of data)
    for (let from = 0; from < chunk.length; from += PIECE) {
      const piece = chunk.subarray(from, from + PIECE);
      hash.update(piece);
      since += piece.length;
      if (since < PIECE) continue;
      since = 0;
      await nextTurn();
    }
  header.set(new TextEncoder().encode(hash.digest('hex')), POSITION);
}

/** Whether the digest fits. `header` is not changed. */
export function isIntact(header: Uint8Array, data: Uint8Array): boolean {
  const blank = header.slice();
  blank.set(new TextEncoder().encode(EMPTY_CHECKSUM), POSITION);
  return (
    digest(blank, [data]) === new TextDecoder().decode(header.subarray(POSITION, POSITION + EMPTY_CHECKSUM.length))
  );
}

/** Whether a header carries a digest at our place. */
export function isSigned(headerText: string): boolean {
  return headerText.startsWith(`{"__metadata__":{"${CHECKSUM_KEY}":"`);
}

function digest(header: Uint8Array, data: Iterable<Uint8Array>): string {
  const hash = createHash('sha256').update(header);
  for (const chunk of data) hash.update(chunk);
  return hash.digest('hex');
}
