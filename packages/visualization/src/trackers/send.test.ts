import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { send } from './send.js';

describe('send', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** Answers in turn; an Error is thrown. */
  const answering = (...answers: readonly (number | Error)[]) => {
    const rest = [...answers];
    return async () => {
      const answer = rest.shift() ?? 599;
      if (answer instanceof Error) throw answer;
      return new Response('text of the answer', { status: answer });
    };
  };
  const sent = async (...answers: readonly (number | Error)[]) => {
    const answer = send('Tracker', answering(...answers), 'http://server/call', {});
    const settled = answer.then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    await vi.runAllTimersAsync();
    return settled;
  };

  it('tries again what may pass', async () => {
    expect(await sent(200)).toBe(200);
    expect(await sent(503, new TypeError('fetch failed'), 429, 201)).toBe(201);
  });

  it('gives up after three more attempts', async () => {
    const message = await sent(500, 500, 500, new TypeError('fetch failed', { cause: 'ECONNREFUSED' }), 200);
    expect(message).toContain('ENGINE_VISUALIZATION_TRACKER_UNREACHABLE');
    expect(message).toContain('ECONNREFUSED');
    expect(await sent(500, 500, 500, 502)).toContain('502 text of the answer');
  });

  it('does not repeat what is refused', async () => {
    const message = await sent(400, 200);
    expect(message).toContain('ENGINE_VISUALIZATION_TRACKER_REFUSED');
    expect(message).toContain('400 text of the answer');
    expect(await sent(new RangeError('not the network'))).toBe('not the network');
  });
});
