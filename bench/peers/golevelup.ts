import {
  AmqpConnection,
  RabbitMQModule,
  RabbitPayload,
  RabbitRPC,
  RabbitSubscribe,
  type RabbitMQConfig,
} from '@golevelup/nestjs-rabbitmq';
import { Injectable, Module, ParseArrayPipe, ValidationPipe, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Sale } from '../messages/sale';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';
import { checked, queues, quorum, rpcPrefetch, window } from './peer';
import type { Peer, Setup } from './peer';

/**
 * @golevelup/nestjs-rabbitmq. Its channel confirms unless told otherwise. The queue of the sales
 * is a quorum queue for every peer; that is the one thing in which the first differs from the
 * README: there its handler's queue is a classic one.
 */

const exchange = 'bench';
const pipe = new ValidationPipe({ transform: true, whitelist: true });
const queueOptions = { durable: true, arguments: quorum };
const sales = { exchange, routingKey: 'take-sale', queue: queues.sales, queueOptions };
let take: (sale: Sale) => void;

@Injectable()
class TakeSale {
  @RabbitSubscribe(sales)
  async handle(@RabbitPayload(pipe) sale: Sale): Promise<void> {
    take(sale);
  }
}

@Injectable()
class TakeSales {
  // A batch that is not full waits for its time to end: short, so that the last one ends soon.
  @RabbitSubscribe({ ...sales, batchOptions: { size: 64, timeout: 5 } })
  async handle(
    @RabbitPayload(new ParseArrayPipe({ items: Sale, whitelist: true })) batch: Sale[],
  ): Promise<void> {
    for (const sale of batch) take(sale);
  }
}

@Injectable()
class GetCustomerRpc {
  @RabbitRPC({ exchange, routingKey: 'get-customer', queue: queues.customers })
  async handle(@RabbitPayload(pipe) question: GetCustomer): Promise<Customer> {
    return customerOf(question);
  }
}

function peerOf(config: Omit<RabbitMQConfig, 'uri'>, takeSale: Type = TakeSale): Peer {
  const start = async ({ amqpUrl }: Setup, providers: Type[]): Promise<AmqpConnection> => {
    const rabbit = RabbitMQModule.forRoot({
      exchanges: [{ name: exchange, type: 'topic' }],
      uri: amqpUrl,
      ...config,
    });
    @Module({ imports: [rabbit], providers })
    class Root {}
    const app = await NestFactory.createApplicationContext(Root, { logger: ['warn', 'error'] });
    return app.get(AmqpConnection);
  };
  return {
    publisher: async (setup) => {
      const connection = await start(setup, []);
      return (sale) => connection.publish(exchange, 'take-sale', sale);
    },
    consumer: async (setup, handled) => {
      take = handled;
      await start(setup, [takeSale]);
    },
    server: async (setup) => {
      await start(setup, [GetCustomerRpc]);
    },
    caller: async (setup) => {
      const connection = await start(setup, []);
      return async (payload) => {
        const request = { exchange, routingKey: 'get-customer', payload, timeout: 30_000 };
        return checked(Customer, await connection.request<object>(request));
      };
    },
  };
}

/** `forRoot` with exchanges and a uri; 10 messages are prefetched, and Nagle's algorithm is on. */
export const golevelupReadme = peerOf({});

/** All that helps it here: no Nagle, a prefetch of what is in flight, persistent messages. */
const best = {
  prefetchCount: Math.max(window, rpcPrefetch),
  defaultPublishOptions: { persistent: true },
  connectionManagerOptions: { connectionOptions: { noDelay: true } },
};

export const golevelup = peerOf(best);

export const golevelupBatch = peerOf(best, TakeSales);
