import { typeOf, type Body, type FanoutContract, type WorkContract } from '../contract';
import { encodeInstance, toInstance } from '../body';
import { inFlowOf, type Flow } from '../context';
import type { Database, Transaction } from './database';
import { eventLine, inBundles } from '../bundle';
import { newEnvelope, type Envelope } from '../envelope';
import { WiringError } from '../wiring-error';
import { keyOf } from './message-key';
import { fanoutType, keysExchange } from '../ordered/slots';
import { newRow, type Destination, type OutboxRow } from './outbox-row';
import { inSendSpans } from '../telemetry/sending';

/** What a commit noted of the rows that it sent; the relay publishes them. */
export const outboxTopic = 'outbox';

/** The same of messages with a key: their exchanges, whose lanes publish them. */
export const lanesTopic = 'outbox-lanes';

/**
 * So long no poll touches a new row: the process that sent it publishes it and deletes it. Short of
 * the 5 s after which a row that was left by a dead process would be reported as late.
 */
const untouchedMs = 3_000;

// Not now(): the transaction may have begun long ago.
const notBefore = `clock_timestamp() + interval '${untouchedMs} milliseconds'`;

const insertMessages = {
  name: 'messaging-insert-outbox',
  text: `INSERT INTO outbox (id, exchange, exchange_type, routing_key, type, body, is_bundle,
           correlation_id, traceparent, created_at, not_before)
         SELECT id, $1, $2, $3, $4, body, is_bundle, correlation_id, traceparent, created_at,
           ${notBefore}
         FROM unnest($5::uuid[], $6::text[], $7::boolean[], $8::text[], $9::text[],
             $10::timestamptz[])
           AS message (id, body, is_bundle, correlation_id, traceparent, created_at)`,
};

// Due at once: it is for the lanes of all processes. `unnest` keeps the order of its lists.
const insertKeyed = {
  name: 'messaging-insert-outbox-keyed',
  text: `INSERT INTO outbox (id, exchange, exchange_type, routing_key, type, body, is_bundle,
           correlation_id, traceparent, created_at, not_before, position)
         SELECT id, $1, $2, routing_key, $3, body, false, correlation_id, traceparent, created_at,
           clock_timestamp(), nextval('outbox_position')
         FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
           AS message (id, routing_key, body, correlation_id, traceparent, created_at)`,
};

/** Those of the ids that are in the outbox, as the transaction sees it. */
export const stillThere = {
  name: 'messaging-still-outbox',
  text: 'SELECT id FROM outbox WHERE id = ANY($1::uuid[])',
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
 *
 * Messages of one key are published in the order of these calls. Of calls in transactions that run
 * at the same time there is none, unless they take turns: lock what the key stands for, such as the
 * order's row, before you send of it, and the order is that of the commits.
 * @returns the message's id (UUIDv7)
 * @throws InvalidBody the body is not what the contract says, or its key cannot be one
 */
export async function send<C extends WorkContract | FanoutContract>(
  tx: Transaction,
  contract: C,
  body: Body<C>,
): Promise<string> {
  const envelope = newEnvelope(typeOf(contract));
  await sendAll(tx, contract, [[envelope, body]]);
  return envelope.messageId;
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
  const type = typeOf(contract);
  const messages = consequences.map(({ body, because }): [Envelope, Body<C>] => {
    const envelope = because ? inFlowOf(because, () => newEnvelope(type)) : newEnvelope(type);
    return [envelope, body];
  });
  await sendAll(tx, contract, messages);
}

async function sendAll<C extends WorkContract | FanoutContract>(
  tx: Transaction,
  contract: C,
  all: [Envelope, Body<C>][],
): Promise<void> {
  const target = destination(contract);
  const { key, bundled } = contract.route;
  const keys: string[] = [];
  const messages = all.map(([envelope, body]): [Envelope, string] => {
    const instance = toInstance(contract, body);
    if (key !== undefined) keys.push(keyOf(contract, key, instance));
    return [envelope, encodeInstance(contract, instance)];
  });
  await inSendSpans(target, messages, () => {
    if (key !== undefined) {
      const rows = messages.map((message, n) => {
        return newRow({ ...target, routingKey: keys[n] as string }, ...message);
      });
      return insertInOrder(tx, rows);
    }
    const bundles = bundled ? inBundles(messages) : messages.map((one) => [one]);
    return insertRows(
      tx,
      bundles.map((bundle) => rowOf(target, typeOf(contract), bundle)),
    );
  });
}

/** `send` in another format than ours. @returns the message's id */
export async function sendText(
  tx: Transaction,
  destination: Destination,
  envelope: Envelope,
  body: string,
): Promise<string> {
  await inSendSpans(destination, [[envelope, body]], () =>
    insertRows(tx, [newRow(destination, envelope, body)]),
  );
  return envelope.messageId;
}

function rowOf(target: Destination, type: string, messages: [Envelope, string][]): OutboxRow {
  const [first] = messages;
  if (first !== undefined && messages.length === 1) return newRow(target, ...first);
  const lines = messages.map((message) => eventLine(...message));
  return { ...newRow(target, newEnvelope(type), lines.join('\n')), is_bundle: true };
}

// All of one contract. Where the commit waits for the answer, nothing else does.
function insertRows(tx: Transaction, rows: OutboxRow[]): void | Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  tx.note(outboxTopic, ...rows);
  return tx.write(insertMessages, [
    first.exchange,
    first.exchange_type,
    first.routing_key,
    first.type,
    rows.map(({ id }) => id),
    rows.map(({ body }) => body),
    rows.map(({ is_bundle: isBundle }) => isBundle),
    rows.map(({ correlation_id: correlationId }) => correlationId),
    rows.map(({ traceparent }) => traceparent),
    rows.map(({ created_at: createdAt }) => createdAt),
  ]);
}

function insertInOrder(tx: Transaction, rows: OutboxRow[]): void | Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  tx.note(lanesTopic, first.exchange);
  return tx.write(insertKeyed, [
    first.exchange,
    first.exchange_type,
    first.type,
    rows.map(({ id }) => id),
    rows.map(({ routing_key: key }) => key),
    rows.map(({ body }) => body),
    rows.map(({ correlation_id: correlationId }) => correlationId),
    rows.map(({ traceparent }) => traceparent),
    rows.map(({ created_at: createdAt }) => createdAt),
  ]);
}

/** @returns how long the oldest message of the outbox has waited, in seconds; 0: none waits */
export async function outboxLag(db: Database): Promise<number> {
  const [row] = await db.query<{ seconds: number }>(selectOldest);
  // The clocks of this machine and of the database may differ a little.
  return Math.max(0, Math.round((row?.seconds ?? 0) * 10) / 10);
}

/** Of all messages of the contract; those with a key have it as their routing key. */
function destination(contract: WorkContract | FanoutContract): Destination {
  const { route } = contract;
  switch (route?.kind) {
    case 'work':
      if (route.key !== undefined) {
        return { exchange: keysExchange(route.queue), type: 'direct', routingKey: '' };
      }
      return { exchange: '', type: 'direct', routingKey: route.queue };
    case 'fanout':
      return { exchange: route.exchange, type: fanoutType(route), routingKey: '' };
    default:
      throw new WiringError(
        `${contract.name} cannot be sent: ` +
          `give it "static readonly route = fanout('...')" or work('...')`,
      );
  }
}
