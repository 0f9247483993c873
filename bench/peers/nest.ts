import { Controller, Module, ValidationPipe, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RmqContext,
  Transport,
  type ClientProxy,
  type MicroserviceOptions,
  type RmqOptions,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Sale } from '../messages/sale';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';
import { checked, queues, quorum, window } from './peer';
import type { Peer, Setup } from './peer';

/**
 * Nest's RabbitMQ transport. Events: `persistent`, and `noAck: false` with an ack by the handler,
 * both as the documentation shows. Questions: the transport's defaults, which ack nothing.
 */

const pipe = new ValidationPipe({ transform: true, whitelist: true });
let take: (sale: Sale) => void;

@Controller()
class TakeSale {
  @EventPattern('take-sale')
  async handle(@Payload(pipe) sale: Sale, @Ctx() context: RmqContext): Promise<void> {
    take(sale);
    (context.getChannelRef() as { ack(message: object): void }).ack(context.getMessage());
  }
}

@Controller()
class GetCustomerRpc {
  @MessagePattern('get-customer')
  async handle(@Payload(pipe) question: GetCustomer): Promise<Customer> {
    return customerOf(question);
  }
}

export type Options = NonNullable<RmqOptions['options']>;

/** What serves the handlers, and what their messages are said with. */
export interface NestTransport {
  server: (options: Options) => MicroserviceOptions;
  client: (options: Options) => ClientProxy;
}

function salesOf({ amqpUrl }: Setup): Options {
  return {
    ...common(amqpUrl),
    queue: queues.sales,
    queueOptions: { durable: true, arguments: quorum },
    persistent: true,
  };
}

function customersOf({ amqpUrl }: Setup): Options {
  return { ...common(amqpUrl), queue: queues.customers, queueOptions: { durable: true } };
}

function common(amqpUrl: string): Options {
  return { urls: [amqpUrl], socketOptions: { connectionOptions: { noDelay: true } } };
}

async function listen(controller: Type, transport: MicroserviceOptions): Promise<void> {
  @Module({ controllers: [controller] })
  class Root {}
  const logger = ['warn', 'error'] as ('warn' | 'error')[];
  const options = { ...transport, logger };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(Root, options);
  await app.listen();
}

export function nestPeer({ server, client: clientOf }: NestTransport): Peer {
  const connected = async (options: Options): Promise<ClientProxy> => {
    const client = clientOf(options);
    await client.connect();
    return client;
  };
  return {
    publisher: async (setup) => {
      const client = await connected(salesOf(setup));
      return (sale) => lastValueFrom(client.emit('take-sale', sale), { defaultValue: undefined });
    },
    consumer: async (setup, handled) => {
      take = handled;
      const options = { ...salesOf(setup), noAck: false, prefetchCount: window };
      await listen(TakeSale, server(options));
    },
    server: (setup) => listen(GetCustomerRpc, server(customersOf(setup))),
    caller: async (setup) => {
      const client = await connected(customersOf(setup));
      return async (question) =>
        checked(Customer, await lastValueFrom(client.send<object>('get-customer', question)));
    },
  };
}

export const nest = nestPeer({
  server: (options) => ({ transport: Transport.RMQ, options }),
  client: (options) => ClientProxyFactory.create({ transport: Transport.RMQ, options }),
});
