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

type Options = NonNullable<RmqOptions['options']>;

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

async function listen(controller: Type, options: Options): Promise<void> {
  @Module({ controllers: [controller] })
  class Root {}
  const logger = ['warn', 'error'] as ('warn' | 'error')[];
  const app = await NestFactory.createMicroservice<RmqOptions>(Root, {
    transport: Transport.RMQ,
    options,
    logger,
  });
  await app.listen();
}

async function clientOf(options: Options): Promise<ClientProxy> {
  const client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
  await client.connect();
  return client;
}

export const nest: Peer = {
  publisher: async (setup) => {
    const client = await clientOf(salesOf(setup));
    return (sale) => lastValueFrom(client.emit('take-sale', sale), { defaultValue: undefined });
  },
  consumer: async (setup, handled) => {
    take = handled;
    await listen(TakeSale, { ...salesOf(setup), noAck: false, prefetchCount: window });
  },
  server: (setup) => listen(GetCustomerRpc, customersOf(setup)),
  caller: async (setup) => {
    const client = await clientOf(customersOf(setup));
    return async (question) =>
      checked(Customer, await lastValueFrom(client.send<object>('get-customer', question)));
  },
};
