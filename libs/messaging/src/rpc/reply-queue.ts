import type { Channel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { replyExchange, type Ways } from '../topology/ways';

/**
 * Direct reply-to has the answerer write to the default exchange, which leads to every queue. This
 * queue gets answers by an exchange that leads to nothing else; its name cannot be guessed.
 * @returns its name. It ends with its consumer
 */
export async function openReplyQueue(channel: Channel, { replyPrefix }: Ways): Promise<string> {
  const name = `${replyPrefix}${randomUUID()}`;
  const args = { 'x-queue-type': 'classic' };
  await channel.assertQueue(name, {
    exclusive: true,
    durable: false,
    autoDelete: true,
    arguments: args,
  });
  await channel.bindQueue(name, replyExchange, name);
  return name;
}
