import type { DeadLetter } from '../api/dead-letters';

/** A dead letter as a service shows it. */
export interface ShownDeadLetter {
  id: string;
  queue: string;
  type?: string;
  errorCode: string;
  errorMessage: string;
  errorStack?: string;
  handler: string;
  attempts?: number;
  replays: number;
  firstFailedAt?: string;
  lastFailedAt?: string;
  traceparent?: string;
  body: string;
  bodyEncoding?: 'base64';
  headers: Record<string, unknown>;
}

export function deadLetterOf(service: string, shown: ShownDeadLetter): DeadLetter {
  const { type: contract, errorStack: stack, traceparent, ...rest } = shown;
  const traceId = traceparent?.slice(3, 35);
  return { ...rest, service, contract, stack, traceId, orderId: orderIn(shown) };
}

function orderIn({ body, bodyEncoding }: ShownDeadLetter): string | undefined {
  if (bodyEncoding !== undefined) return undefined;
  const [, orderId] = /"orderId"\s*:\s*"([\da-f-]{36})"/i.exec(body) ?? [];
  return orderId;
}
