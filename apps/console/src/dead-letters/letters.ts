import type { DeadLetterDetails } from '@tradepost/messaging';
import type { DeadLetter } from '../api/dead-letters';

export function deadLetterOf(service: string, details: DeadLetterDetails): DeadLetter {
  const traceId = details.traceparent?.slice(3, 35);
  return { ...details, service, traceId, orderId: orderIn(details) };
}

function orderIn({ body, bodyEncoding }: DeadLetterDetails): string | undefined {
  if (bodyEncoding !== undefined) return undefined;
  const [, orderId] = /"orderId"\s*:\s*"([\da-f-]{36})"/i.exec(body) ?? [];
  return orderId;
}
