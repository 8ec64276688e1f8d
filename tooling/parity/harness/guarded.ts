import type { ReplayResult } from './area.js';

/** Replays one case; whatever it throws makes that case fail, and the others go on. */
export async function guarded(id: string, replay: () => ReplayResult | Promise<ReplayResult>): Promise<ReplayResult> {
  try {
    return await replay();
  } catch (error) {
    return { id, ok: false, error: oneLine(error) };
  }
}

/** What was thrown, in one line. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n').join(' ');
}
