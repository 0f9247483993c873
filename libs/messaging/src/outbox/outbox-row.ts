import type { Logger } from '@nestjs/common';
import { bundleOf, bundleType } from '../bundle';
import type { Envelope } from '../envelope';
import { toProperties } from '../envelope';
import { Unroutable } from '../errors';
import type { Publisher, Target } from '../publish/publisher';
import type { Observed } from '../observe/observed';
import { publishing } from '../telemetry/publishing';
import type { ExchangeShape } from '../topology/topology';
import { queueOfKeys, slotOf } from '../ordered/slots';
import type { Ways } from '../topology/ways';

/** A message of the broker's as the outbox has it. */
export interface OutboxRow {
  id: string;
  exchange: string;
  exchange_type: ExchangeShape['type'];
  routing_key: string;
  type: string;
  body: string;
  /** `body` has several messages, one a line. */
  is_bundle: boolean;
  /** Its routing key is a key: it goes by the slot of that. */
  is_keyed: boolean;
  correlation_id: string;
  traceparent: string | null;
  created_at: Date;
  /** How often the broker has not taken it. */
  attempts: number;
}

/** Where a message goes: to a queue, by its name, or to an exchange of a type. */
export interface Destination {
  exchange: string;
  type: ExchangeShape['type'];
  routingKey: string;
}

/** Of a work. */
export function queueOf(row: OutboxRow): string | undefined {
  if (row.exchange === '') return row.routing_key;
  return row.is_keyed && row.exchange_type === 'direct' ? queueOfKeys(row.exchange) : undefined;
}

/** A new message whose transaction runs. */
export function newRow(
  { exchange, type: exchangeType, routingKey }: Destination,
  { messageId, type, correlationId, traceparent, timestamp }: Envelope,
  body: string,
): OutboxRow {
  return {
    id: messageId,
    exchange,
    exchange_type: exchangeType,
    routing_key: routingKey,
    type,
    body,
    is_bundle: false,
    is_keyed: false,
    correlation_id: correlationId,
    traceparent: traceparent ?? null,
    created_at: timestamp,
    attempts: 0,
  };
}

export const deleteSent = {
  name: 'messaging-delete-outbox',
  text: 'DELETE FROM outbox WHERE id = ANY($1::uuid[])',
};

// The inner least: beyond 1,023 attempts, a day without a listener, power() would overflow, and
// the whole batch fail with it.
export const postpone = {
  name: 'messaging-postpone-outbox',
  text: `UPDATE outbox SET attempts = attempts + 1,
           not_before = now() + make_interval(secs => least(power(2, least(attempts, 6)), 60))
         WHERE id = ANY($1::uuid[])`,
};

/** Below the 30 s after which the database ends a transaction that idles. */
const confirmTimeoutMs = 10_000;

export interface Sender {
  service: string;
  ways: Ways;
}

/** @param done called with nothing when the broker has it, or with why the row is to stay */
export function offerRow(
  publisher: Publisher,
  row: OutboxRow,
  { service, ways }: Sender,
  observed: Observed | undefined,
  done: (error?: Error) => void,
): void {
  const envelope = {
    messageId: row.id,
    type: row.type,
    timestamp: row.created_at,
    correlationId: row.correlation_id,
    traceparent: row.traceparent ?? undefined,
  };
  const properties = toProperties(envelope, service);
  const content = Buffer.from(row.is_bundle ? bundleOf(row.body, service) : row.body);
  if (row.is_bundle) properties.contentType = bundleType;
  const settled = (error?: Error) => {
    if (error === undefined) observed?.sent(row);
    done(error);
  };
  const target = targetOf(row, ways);
  const lines = row.is_bundle ? row.body : undefined;
  const ended = publishing(target, content, properties, settled, lines);
  publisher.offer(target, content, properties, ended, confirmTimeoutMs);
}

const unheard = 'no queue listens to it yet: no service that handles it has ever started';

/** One line at first, then one for every fifth try. */
export function reportKept(log: Logger, { id, type, attempts }: OutboxRow, error: Error): void {
  if (attempts % 5 !== 0) return;
  const cause = error instanceof Unroutable ? unheard : error.message;
  log.warn('message stays in the outbox', { messageId: id, type, cause });
}

// A row names its queue, not the way to it: one that was sent in the other mode arrives too.
function targetOf(row: OutboxRow, ways: Ways): Target {
  const { exchange, exchange_type: type, routing_key: key, is_keyed: isKeyed } = row;
  if (exchange === '') return ways.to(key);
  const place = { exchange, routingKey: isKeyed ? slotOf(key) : key };
  return ways.isStrict ? place : { ...place, needs: { exchanges: [{ name: exchange, type }] } };
}
