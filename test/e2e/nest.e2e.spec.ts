import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  type MicroserviceOptions,
  Payload,
  type RmqOptions,
  Transport,
} from '@nestjs/microservices';
import type { SaleFinalized } from '@tradepost/contracts';
import {
  ContractDeserializer,
  ContractSerializer,
  ReplyDeserializer,
} from '@tradepost/messaging/nest';
import { eventually } from '@tradepost/test-kit';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';
import { ownShop } from './own-shop';

const shipped: string[] = [];

@Controller()
class Shipping {
  @EventPattern('SaleFinalized')
  ship(@Payload() sales: SaleFinalized[]): void {
    shipped.push(...sales.map(({ orderId }) => orderId));
  }
}

@Module({ controllers: [Shipping] })
class ShippingModule {}

const clientOf = (url: string): ClientProxy =>
  ClientProxyFactory.create({
    transport: Transport.RMQ,
    options: {
      urls: [url],
      queue: 'users.get-user',
      serializer: new ContractSerializer(),
      deserializer: new ReplyDeserializer(),
    },
  });

const shippingOn = async (options: RmqOptions['options']): Promise<INestMicroservice> => {
  const shipping = await NestFactory.createMicroservice<MicroserviceOptions>(ShippingModule, {
    transport: Transport.RMQ,
    options: { queue, deserializer: new ContractDeserializer(), ...options },
    logger: false,
  });
  await shipping.listen();
  return shipping;
};

const queue = 'shipping.sale-finalized';
const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };

describe("on Nest's own transport, beside the shop in strict mode", () => {
  let shipping: INestMicroservice | undefined;
  let client: ClientProxy | undefined;
  afterAll(async () => {
    await client?.close();
    await shipping?.close();
  });
  const own = ownShop({ replicas: { financial: 0, payments: 0 } });

  it(
    'a client is not answered: users drops what it asks, says so, and goes on',
    own.telling(async () => {
      client = clientOf(own.broker.amqpUrl);
      const asked = firstValueFrom(client.send('get-user', { id: '1' }).pipe(timeout(3_000)));
      await expect(asked).rejects.toBeInstanceOf(TimeoutError);
      await eventually(async () => {
        const lines = await own.front.logs({ 'field.handler': 'UsersRpc.handle' });
        const told = 'direct reply-to is not answered in strict mode';
        expect(lines).toMatchObject([{ level: 'warning', service: 'users', message: told }]);
      });
      expect(await own.broker.depth('users.get-user')).toBe(0);
      const { id } = await own.front.place(mug);
      const confirmed = await own.front.orderWhen(id, 'awaiting_payment');
      expect(confirmed.customerName).toBe('Paul Jhon');
    }),
  );

  it(
    'a service hears of a sale with no right but to read its queue, which is there',
    own.telling(async () => {
      await own.broker.declareQueue(queue);
      await own.broker.bindQueue(queue, 'sale-finalized', '');
      const read = '^shipping[.]sale-finalized$';
      const urls = [await own.broker.userWith({ configure: '^$', write: '^$', read })];
      shipping = await shippingOn({ urls, noAssert: true });
      const { id } = await own.front.place(mug);
      await eventually(() => expect(shipped).toContain(id));
    }),
  );
});

describe("services on Nest's own transport, beside the shop in simple mode", () => {
  let shipping: INestMicroservice | undefined;
  let client: ClientProxy | undefined;

  afterAll(async () => {
    await client?.close();
    await shipping?.close();
  });
  // Nest's clients are answered by the default exchange.
  const own = ownShop({ replicas: { 'log-sink': 0 }, env: { AMQP_MODE: 'simple' } });

  it(
    'ask users for a user',
    own.telling(async () => {
      const asking = (client = clientOf(own.broker.amqpUrl));
      const ask = async (id: string) => firstValueFrom(asking.send<object>('get-user', { id }));
      expect(await ask('1')).toMatchObject({ id: '1', name: 'Paul Jhon' });
      const nobody = { status: 'error', code: 'user_unknown', message: 'there is no user nobody' };
      await expect(ask('nobody')).rejects.toEqual(nobody);
    }),
  );

  it(
    'hear of every sale',
    own.telling(async () => {
      shipping = await shippingOn({
        urls: [own.broker.amqpUrl],
        queueOptions: { durable: true },
        exchange: 'sale-finalized',
        exchangeType: 'fanout',
      });
      shipped.splice(0);
      const orders = await Promise.all([1, 2, 3].map(async () => own.front.place(mug)));
      const ids = orders.map(({ id }) => id).sort();
      await eventually(() => expect(shipped.toSorted()).toEqual(ids));
    }),
  );
});
