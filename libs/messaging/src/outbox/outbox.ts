import type { Body, FanoutContract, WorkContract } from '../contract';
import { encodeBody } from '../body';
import { inFlowOf, type Flow } from '../context';
import type { Database, Transaction } from './database';
import { newEnvelope, type Envelope } from '../envelope';
import { WiringError } from '../errors';

/** What a commit that sent something is noted under; the relay listens for it. */
export const outboxTopic = 'outbox';

const insertMessage = {
  name: 'messaging-insert-outbox',
  text: `INSERT INTO outbox
           (id, exchange, routing_key, type, body, correlation_id, traceparent, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

const insertMessages = {
  name: 'messaging-insert-outbox-each',
  text: `INSERT INTO outbox
           (id, exchange, routing_key, type, body, correlation_id, traceparent, created_at)
         SELECT id, $1, $2, $3, body, correlation_id, traceparent, created_at
         FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
           AS message (id, body, correlation_id, traceparent, created_at)`,
};

// By id: ids are in order of time, and the primary key finds the first at once.
const selectOldest = {
  name: 'messaging-oldest-outbox',
  text: `SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 AS seconds
         FROM outbox ORDER BY id LIMIT 1`,
};

/**
 * Sends a message with the transaction: when it commits, the message reaches every queue that
 * listens to it; when it rolls back, there never was one.
 * @returns the message's id (UUIDv7)
 * @throws InvalidBody the body is not what the contract says
 */
export async function send<C extends WorkContract | FanoutContract>(
  tx: Transaction,
  contract: C,
  body: Body<C>,
): Promise<string> {
  const [exchange, routingKey] = destination(contract);
  const content = encodeBody(contract, body);
  const { messageId, type, correlationId, traceparent, timestamp } = newEnvelope(contract.name);
  const values = [messageId, exchange, routingKey, type, content];
  await tx.query(insertMessage, [...values, correlationId, traceparent ?? null, timestamp]);
  tx.note(outboxTopic);
  return messageId;
}

/**
 * What one item of a batch leads to: `body` goes on with the flow of `because`, the item's message
 * or the trace it came in; without it, as with `send`, with the flow that runs.
 */
export interface Consequence<B> {
  body: B;
  because?: Flow;
}

/**
 * `send` for a batch in one statement.
 * @throws InvalidBody one of the bodies is not what the contract says
 */
export async function sendEach<C extends WorkContract | FanoutContract>(
  tx: Transaction,
  contract: C,
  consequences: Consequence<Body<C>>[],
): Promise<void> {
  if (consequences.length === 0) return;
  const [exchange, routingKey] = destination(contract);
  const bodies = consequences.map(({ body }) => encodeBody(contract, body));
  const envelopes = consequences.map(({ because }) => {
    const envelope = (): Envelope => newEnvelope(contract.name);
    return because === undefined ? envelope() : inFlowOf(because, envelope);
  });
  await tx.query(insertMessages, [
    exchange,
    routingKey,
    contract.name,
    envelopes.map(({ messageId }) => messageId),
    bodies,
    envelopes.map(({ correlationId }) => correlationId),
    envelopes.map(({ traceparent }) => traceparent ?? null),
    envelopes.map(({ timestamp }) => timestamp),
  ]);
  tx.note(outboxTopic);
}

/** @returns how long the oldest message of the outbox has waited, in seconds; 0: none waits */
export async function outboxLag(db: Database): Promise<number> {
  const [row] = await db.query<{ seconds: number }>(selectOldest);
  // The clocks of this machine and of the database may differ a little.
  return Math.max(0, Math.round((row?.seconds ?? 0) * 10) / 10);
}

function destination(contract: WorkContract | FanoutContract): [exchange: string, key: string] {
  const { route } = contract;
  switch (route?.kind) {
    case 'work':
      return ['', route.queue];
    case 'fanout':
      return [route.exchange, ''];
    default:
      throw new WiringError(
        `${contract.name} cannot be sent: ` +
          `give it "static readonly route = fanout('...')" or work('...')`,
      );
  }
}
