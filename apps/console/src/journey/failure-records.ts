import type { DeadLetter } from '../api/dead-letters';
import type { LogEntry } from '../api/logs';
import type { JourneyFacts } from './facts';
import { type Recorded, withAll } from './recorded';

const failures: Record<string, Recorded['outcome']> = {
  'message failed': 'retried',
  'message dead-lettered': 'dead',
};
/** So soon the line follows that says that the message of an attempt is retried. */
const lineWithinMs = 5_000;

/** The records, with what is known of their failures, and failures that are in no other record. */
export function withFailures(records: readonly Recorded[], facts: JourneyFacts): Recorded[] {
  const all = [...records];
  for (const line of facts.logs.flatMap(ofLine)) addTo(all, line, attemptOf(all, line));
  for (const letter of facts.deadLetters) {
    const hop = ofLetter(letter);
    if (hop) addTo(all, hop, lineOf(all, hop));
  }
  return all;
}

function addTo(all: Recorded[], hop: Recorded, same: Recorded | undefined): void {
  if (same === undefined) all.push(hop);
  // Only the one that failed knows what became of its message.
  else all[all.indexOf(same)] = { ...withAll(same, hop), outcome: hop.outcome };
}

/** The attempt that failed just before. */
function attemptOf(all: readonly Recorded[], line: Recorded): Recorded | undefined {
  return all.findLast(
    ({ queue, outcome, lines, at }) =>
      queue === line.queue &&
      outcome === 'retried' &&
      lines === undefined &&
      at <= line.at &&
      line.at - at < lineWithinMs,
  );
}

/** Of a message that was replayed and failed again, the last one. */
function lineOf(all: readonly Recorded[], letter: Recorded): Recorded | undefined {
  return all.findLast(
    ({ queue, outcome, messageId }) =>
      outcome === 'dead' && queue === letter.queue && messageId === letter.messageId,
  );
}

function ofLine({ id, time, message, service, traceId, data }: LogEntry): Recorded[] {
  const outcome = failures[message];
  if (outcome === undefined || data === null) return [];
  const text = (name: string) => {
    const value = data[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [code = '', ...rest] = (text('error') ?? '').split(': ');
  return [
    {
      id: `log ${id}`,
      at: Date.parse(time),
      outcome,
      service,
      ...(traceId !== null && { traceId }),
      queue: text('queue'),
      messageId: text('messageId'),
      attempt: Number(data.attempt ?? data.attempts ?? 1),
      retryTier: text('nextAfter'),
      error: { code: text('code') ?? code, message: rest.join(': ') },
      records: [{ what: 'log line', value: { message, ...data } }],
      lines: [id],
    },
  ];
}

function ofLetter(letter: DeadLetter): Recorded | undefined {
  const { lastFailedAt, errorCode: code, errorMessage: message } = letter;
  // One that the broker gave up itself does not say when.
  if (lastFailedAt === undefined) return undefined;
  return {
    id: `dead letter ${letter.queue} ${letter.id}`,
    at: Date.parse(lastFailedAt),
    outcome: 'dead',
    service: letter.service,
    queue: letter.queue,
    messageId: letter.id,
    contract: letter.type,
    handler: letter.handler,
    attempt: letter.attempts,
    ...(letter.traceId && { traceId: letter.traceId }),
    error: { code, message },
    body: bodyOf(letter),
    headers: letter.headers,
    records: [],
  };
}

function bodyOf({ body, bodyEncoding }: DeadLetter): unknown {
  if (bodyEncoding !== undefined) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
