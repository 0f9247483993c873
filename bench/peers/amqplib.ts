import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { Sale } from '../messages/sale';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';
import { checked, fromJson, queues, quorum, rpcPrefetch, toJson, window } from './peer';
import type { Peer, Setup } from './peer';

/**
 * amqplib alone, as its documentation and RabbitMQ's tutorials have it: a confirm channel with a
 * callback a message, manual acks, direct reply-to. noDelay, without which Nagle's algorithm holds
 * small frames back.
 */

const replies = 'amq.rabbitmq.reply-to';

/** What amqplib leaves untyped. */
interface Replyable {
  replyTo?: string;
  correlationId?: string;
}

function open({ amqpUrl }: Setup): Promise<ChannelModel> {
  return connect(amqpUrl, { noDelay: true });
}

/** @param check false is less than a service does: what the wire alone costs */
function messagesOf(check: boolean): Pick<Peer, 'publisher' | 'consumer'> {
  return {
    publisher: async (setup) => {
      const channel = await (await open(setup)).createConfirmChannel();
      await channel.assertQueue(queues.sales, { durable: true, arguments: quorum });
      const options = { persistent: true, contentType: 'application/json' };
      return (sale) =>
        new Promise<void>((resolve, reject) => {
          channel.sendToQueue(queues.sales, toJson(sale), options, (error: unknown) => {
            if (error instanceof Error) reject(error);
            else resolve();
          });
        });
    },
    consumer: async (setup, handled) => {
      const channel = await (await open(setup)).createChannel();
      await channel.assertQueue(queues.sales, { durable: true, arguments: quorum });
      await channel.prefetch(window);
      await channel.consume(queues.sales, (message) => {
        if (message === null) return;
        const plain = fromJson(message.content);
        handled(check ? checked(Sale, plain) : (plain as Sale));
        channel.ack(message);
      });
    },
  };
}

async function server(setup: Setup): Promise<void> {
  const channel = await (await open(setup)).createChannel();
  await channel.assertQueue(queues.customers, { durable: true });
  await channel.prefetch(rpcPrefetch);
  await channel.consume(queues.customers, (message) => {
    if (message === null) return;
    const { replyTo, correlationId } = message.properties as Replyable;
    const answer = customerOf(checked(GetCustomer, fromJson(message.content)));
    if (replyTo !== undefined) channel.sendToQueue(replyTo, toJson(answer), { correlationId });
    channel.ack(message);
  });
}

const caller: Peer['caller'] = async (setup) => {
  const channel = await (await open(setup)).createChannel();
  const waiting = new Map<string, (content: Buffer) => void>();
  const receive = (message: ConsumeMessage | null) => {
    if (message === null) return;
    const { correlationId = '' } = message.properties as Replyable;
    waiting.get(correlationId)?.(message.content);
    waiting.delete(correlationId);
  };
  await channel.consume(replies, receive, { noAck: true });
  return async (question) => {
    const correlationId = randomUUID();
    const content = await new Promise<Buffer>((resolve) => {
      waiting.set(correlationId, resolve);
      channel.sendToQueue(queues.customers, toJson(question), { correlationId, replyTo: replies });
    });
    return checked(Customer, fromJson(content));
  };
};

export const amqplib: Peer = { ...messagesOf(true), server, caller };

/** A ceiling, not a peer: it checks nothing. */
export const amqplibUnchecked: Peer = messagesOf(false);
