import { request } from 'undici';

/** Characters of one event; a sender that never ends one is left. */
const eventMax = 4_194_304;

export interface ServerEvent {
  event: string;
  data: string;
}

export interface Subscription {
  headers?: Record<string, string>;
  /** Ends it. */
  signal: AbortSignal;
  /** How long there may be no byte at all, comments included. */
  silenceMs: number;
  onEvent: (event: ServerEvent) => void;
}

/**
 * Reads server-sent events until their end.
 * @returns when the sender has ended them @throws when it does not answer, refuses or falls silent
 */
export async function readEvents(url: string, subscription: Subscription): Promise<void> {
  const { headers, signal, silenceMs, onEvent } = subscription;
  const { statusCode, body } = await request(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`answered ${statusCode}`);
  }
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    if (rest.length > eventMax) throw new Error('an event without end');
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) onEvent(event);
    }
  }
}

/** Undefined for a block without data: a comment, or a wish for the pause before coming back. */
export function eventOf(block: string): ServerEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^(event|data):\s?(.*)$/.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}
