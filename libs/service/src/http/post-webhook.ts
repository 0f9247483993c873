import { type Dispatcher, request } from 'undici';
import { signatureBy } from './webhook-keys';

/** The body of an endpoint's answer is ignored, and cut off after so many bytes. */
const answerMaxBytes = 64 * 1_024;
const headers = { 'content-type': 'application/json', 'user-agent': 'Tradepost-Webhooks' };

export interface WebhookPost {
  /** A UUID, the same on every try. */
  id: string;
  url: URL;
  /** `whsec_…`, each signs it. */
  keys: string[];
  /** JSON. */
  body: string;
  /** For the whole answer. */
  timeoutMs: number;
  /** Where it may connect to. A connection for each post: no pipelining. */
  dispatcher: Dispatcher;
}

/**
 * Posts a webhook, signed, per Standard Webhooks. Follows no redirects.
 * @returns the HTTP status, 200 or more
 * @throws Error without one in time
 */
export async function postWebhook(post: WebhookPost): Promise<number> {
  const { id, url, keys, body, timeoutMs, dispatcher } = post;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { ...headers, ...signatureOf(id, keys, body) },
      body,
      signal,
    });
    // The status counts, even if the rest of the answer fails.
    await answer.body.dump({ limit: answerMaxBytes }).catch(() => undefined);
    return answer.statusCode;
  } catch (error) {
    throw signal.aborted ? new Error(`no answer in ${timeoutMs} ms`) : error;
  }
}

/** The header `webhook-id`: the same on every try. */
export function webhookIdOf(id: string): string {
  return `msg_${id.replaceAll('-', '')}`;
}

/** Why a post failed. An AggregateError of several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return text.slice(0, 500);
}

/** Of this try: the time is signed too, so that an old webhook cannot be replayed. */
function signatureOf(postId: string, keys: string[], body: string): Record<string, string> {
  const id = webhookIdOf(postId);
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': signatureBy(keys, id, now, body),
  };
}
