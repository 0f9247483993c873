import { Connection } from 'rabbitmq-client';
import { Sale } from '../messages/sale';
import { Customer, customerOf, GetCustomer } from '../rpc/customer';
import { checked, queues, quorum, rpcPrefetch, window } from './peer';
import type { Peer, Setup } from './peer';

/**
 * rabbitmq-client, from its README: a Publisher with `confirm` and `maxAttempts`, a Consumer that
 * acks when its handler ends, an RPCClient. It sets noDelay itself.
 */

const sales = { queue: queues.sales, durable: true, arguments: quorum };

async function open({ amqpUrl }: Setup): Promise<Connection> {
  const connection = new Connection(amqpUrl);
  connection.on('error', (error) => console.error(error));
  await connection.onConnect();
  return connection;
}

export const rabbitmqClient: Peer = {
  publisher: async (setup) => {
    const connection = await open(setup);
    const publisher = connection.createPublisher({
      confirm: true,
      maxAttempts: 2,
      queues: [sales],
    });
    return (sale) => publisher.send({ routingKey: queues.sales, durable: true }, sale);
  },
  consumer: async (setup, handled) => {
    const connection = await open(setup);
    const { queue, ...queueOptions } = sales;
    const qos = { prefetchCount: window };
    const consumer = connection.createConsumer({ queue, queueOptions, qos }, async ({ body }) => {
      handled(checked(Sale, body as object));
    });
    await new Promise<void>((resolve) => consumer.on('ready', resolve));
  },
  server: async (setup) => {
    const connection = await open(setup);
    const options = {
      queue: queues.customers,
      queueOptions: { durable: true },
      qos: { prefetchCount: rpcPrefetch },
    };
    const consumer = connection.createConsumer(options, async ({ body }, reply) => {
      await reply(customerOf(checked(GetCustomer, body as object)));
    });
    await new Promise<void>((resolve) => consumer.on('ready', resolve));
  },
  caller: async (setup) => {
    const client = (await open(setup)).createRPCClient({ confirm: true });
    return async (question) => {
      const answer = await client.send(queues.customers, question);
      return checked(Customer, answer.body as object);
    };
  },
};
