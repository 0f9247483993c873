import { setTimeout as delay } from 'node:timers/promises';
import type { Gate } from './gate';

export interface Answer {
  status: number;
  body: { id?: string; status?: string; type?: string; detail?: string };
}

interface PostOptions {
  /** Each process of the service; every try goes to the next one. */
  urls: string[];
  path: string;
  key: string;
  body: object;
  gate: Gate;
  signal: AbortSignal;
}

const answerMs = 5_000;
const pauseMs = { min: 100, max: 1_000 };

let turn = 0;

/**
 * Asks until there is an answer: what failed on the way, and 5xx, and "still running", is asked
 * again with the same key.
 * @throws when the signal aborts before that
 */
export async function post({ urls, path, key, body, gate, signal }: PostOptions): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    turn += 1;
    const url = `${urls[turn % urls.length]}${path}`;
    const answer = await gate.pass(() => tryOnce(url, key, body)).catch(() => undefined);
    if (answer && !answer.again) return answer;
    const waitMs = Math.min(pauseMs.min * 2 ** tries, pauseMs.max);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

async function tryOnce(url: string, key: string, body: object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
  });
  const { status, headers } = response;
  const stillRunning = status === 409 && headers.has('retry-after');
  const again = status >= 500 || status === 429 || stillRunning;
  const text = await response.text();
  return { status, body: JSON.parse(text || '{}') as Answer['body'], again };
}
