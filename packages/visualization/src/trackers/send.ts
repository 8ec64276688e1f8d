import { visualizationErrors } from '../errors.js';

/** What of `fetch` a tracker needs; one's own may add credentials. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds to wait before each further attempt. */
const PAUSES = [250, 1000, 4000];

/**
 * Sends a request and gives the answer. What may pass (no connection, 429, 5xx) is tried again up to three times.
 * @throws `ENGINE_VISUALIZATION_TRACKER_UNREACHABLE`, `ENGINE_VISUALIZATION_TRACKER_REFUSED`
 */
export async function send(subject: string, fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  let failure: unknown;
  for (const pause of [0, ...PAUSES]) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const answer = await fetch(url, init);
      if (answer.ok) return answer;
      const text = `${answer.status} ${(await answer.text()).slice(0, 300)}`;
      if (answer.status !== 429 && answer.status < 500) throw refused(subject, url, text);
      failure = text;
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause; // fetch rejects with a TypeError when there is no connection
      failure = cause;
    }
  }
  throw visualizationErrors.TRACKER_UNREACHABLE({
    subject,
    expected: `an answer from ${url}`,
    received: failure instanceof Error ? String(failure.cause ?? failure.message) : String(failure),
    action: 'start the server, or correct its address',
    cause: failure,
  });
}

const refused = (subject: string, url: string, received: string) =>
  visualizationErrors.TRACKER_REFUSED({
    subject,
    expected: `${url} to take what is sent`,
    received,
    action: 'correct what the answer names',
  });
