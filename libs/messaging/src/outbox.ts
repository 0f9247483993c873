import type { Body, FanoutContract, WorkContract } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { encodeBody } from './body';
import { newEnvelope } from './envelope';
import { WiringError } from './errors';

/** What a commit that sent something is noted under; the relay listens for it. */
export const outboxTopic = 'outbox';

const insertMessage = {
  name: 'messaging-insert-outbox',
  text: `INSERT INTO outbox
           (id, exchange, routing_key, type, body, correlation_id, traceparent, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

/**
 * Sends a message with the transaction: when it commits, the message reaches every queue that
 * listens to it; when it rolls back, there never was one.
 * @returns the message's id (UUIDv7)
 * @throws InvalidBody the body is not what the contract says
 */
export async function send<C extends WorkContract | FanoutContract>(
  tx: Tx,
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

function destination(contract: WorkContract | FanoutContract): [exchange: string, key: string] {
  const { route } = contract;
  switch (route?.kind) {
    case 'work':
      return ['', route.queue];
    case 'fanout':
      return [route.exchange, ''];
    default:
      throw new WiringError(
        `${contract.name} cannot be sent: give it "static readonly route = fanout('...')" or work('...')`,
      );
  }
}
