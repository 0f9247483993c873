import { Problem, type ProblemDetails } from '@tradepost/service';
import { type Dispatcher, fetch } from 'undici';

export interface Call {
  method?: 'GET' | 'POST';
  body?: object;
  headers?: Record<string, string>;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** How to reach it, where certificates of its own are needed. */
  dispatcher?: Dispatcher;
}

const defaultTimeoutMs = 5_000;

/**
 * The JSON answer of what is asked.
 * @param who is asked, for messages: `payments`
 * @throws Problem: its own refusal (4xx), or 503 when it does not answer as it should
 */
export async function ask<T>(who: string, url: string, call: Call = {}): Promise<T> {
  const { method = 'GET', body, timeoutMs = defaultTimeoutMs, signal } = call;
  const deadline = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method,
      body: body && JSON.stringify(body),
      headers: { ...(body && { 'content-type': 'application/json' }), ...call.headers },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      redirect: 'error',
      dispatcher: call.dispatcher,
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unreachable(who, whyOf(error, timeoutMs));
  }
  if (status >= 200 && status < 300) return (text === '' ? undefined : parsed(who, text)) as T;
  throw refusal(who, status, text);
}

/** What went wrong, in some words: a failed fetch hides its reason in its cause. */
export function whyOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1_000} s`;
  const { cause } = error;
  const { code, message = '' } = (cause ?? error) as NodeJS.ErrnoException;
  return code ?? (message || error.message);
}

function parsed(who: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreachable(who, 'its answer is no JSON');
  }
}

/** 503: it may be back the next time. */
export function unreachable(who: string, why: string): Problem {
  return new Problem({
    status: 503,
    type: 'service-unreachable',
    title: `${who} does not answer`,
    detail: `${who}: ${why}`,
  });
}

/** What it says of itself, under its own type; what is our fault and not the page's is a 502. */
function refusal(who: string, status: number, text: string): Problem {
  const details = problemIn(text);
  const type = details?.type?.split('/').at(-1) ?? `http-${status}`;
  const title = details?.title ?? `${who} answered ${status}`;
  const { detail, errors } = details ?? {};
  // The page would take a 401 for its own session's.
  const isOurs = status === 401 || status === 403 || status < 400;
  if (!isOurs) return new Problem({ status, type, title, detail, errors });
  const ours = `${who} answered ${status}: is OPS_TOKEN, or the client's token, one that it takes?`;
  return new Problem({ status: 502, type: 'service-refused', title, detail: ours });
}

function problemIn(text: string): Partial<ProblemDetails> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
