import { setTimeout as delay } from 'node:timers/promises';
import type { TokenSource } from '@tradepost/service';
import { fetch } from 'undici';

const timeoutMs = 15_000;
/** A kept-alive connection may be closed at the very moment of its next use: a read is repeated. */
const triesMax = 3;
const pauseMs = 250;
/** The largest pages of lists: of those that serve bulk readers, and of the others. */
export const pageLimits = { bulk: 1_000, plain: 100 };
/** All of it is held in memory at once. */
const itemsMax = 2_000_000;

/** An endpoint does not answer, or not as it should: the audit is impossible. */
export class Unreachable extends Error {
  constructor(url: string, problem: string) {
    super(`${url}: ${problem}`);
  }
}

/** Whatever the status is. @throws Unreachable when there is no answer, or it is no JSON */
export async function ask(
  url: string,
  source?: TokenSource,
): Promise<{ status: number; body: unknown }> {
  const token = await tokenOf(source);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      if (attempt === triesMax) throw new Unreachable(url, reasonOf(error));
      await delay(pauseMs);
    }
  }
}

/** @throws Unreachable also for an answer that is not 200 */
export async function read<T>(url: string, token?: TokenSource): Promise<T> {
  const { status, body } = await ask(url, token);
  if (status === 200) return body as T;
  const { detail, title } = body as { detail?: string; title?: string };
  throw new Unreachable(url, `${status} ${detail ?? title ?? ''}`.trim());
}

/** Every item of a paged list. @throws Unreachable */
export async function* readAll<T>(
  address: string,
  { token, limit = pageLimits.bulk }: { token?: TokenSource; limit?: number } = {},
): AsyncGenerator<T> {
  const url = new URL(address);
  url.searchParams.set('limit', String(limit));
  let count = 0;
  for (;;) {
    const page = await read<{ items?: T[]; nextCursor?: string | null }>(url.href, token);
    if (!Array.isArray(page.items)) throw new Unreachable(url.href, 'the answer is no page');
    yield* page.items;
    count += page.items.length;
    if (!page.nextCursor) return;
    if (count > itemsMax) throw new Unreachable(url.href, `there are more than ${itemsMax} items`);
    url.searchParams.set('cursor', page.nextCursor);
  }
}

/** @throws Unreachable */
async function tokenOf(source?: TokenSource): Promise<string | undefined> {
  try {
    return await source?.();
  } catch (error) {
    throw new Unreachable('AUTH_TOKEN_URL', (error as Error).message);
  }
}

// What fetch says is "fetch failed"; why is in the cause.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? error.message;
}
