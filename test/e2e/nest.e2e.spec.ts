import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  type MicroserviceOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import type { SaleFinalized } from '@tradepost/contracts';
import {
  ContractDeserializer,
  ContractSerializer,
  ReplyDeserializer,
} from '@tradepost/messaging/nest';
import { eventually } from '@tradepost/test-kit';
import { firstValueFrom } from 'rxjs';
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

describe("services on Nest's own transport, beside the shop", () => {
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
      const asking = (client = ClientProxyFactory.create({
        transport: Transport.RMQ,
        options: {
          urls: [own.broker.amqpUrl],
          queue: 'users.get-user',
          serializer: new ContractSerializer(),
          deserializer: new ReplyDeserializer(),
        },
      }));
      const ask = async (id: string) => firstValueFrom(asking.send<object>('get-user', { id }));
      expect(await ask('1')).toMatchObject({ id: '1', name: 'Paul Jhon' });
      const nobody = { status: 'error', code: 'user_unknown', message: 'there is no user nobody' };
      await expect(ask('nobody')).rejects.toEqual(nobody);
    }),
  );

  it(
    'hear of every sale',
    own.telling(async () => {
      shipping = await NestFactory.createMicroservice<MicroserviceOptions>(ShippingModule, {
        transport: Transport.RMQ,
        options: {
          urls: [own.broker.amqpUrl],
          queue: 'shipping.sale-finalized',
          queueOptions: { durable: true },
          exchange: 'sale-finalized',
          exchangeType: 'fanout',
          deserializer: new ContractDeserializer(),
        },
        logger: false,
      });
      await shipping.listen();
      const item = { sku: 'MUG-BLUE', quantity: 1 };
      const mug = { customerId: '1', currency: 'USD', items: [item] };
      const orders = await Promise.all([1, 2, 3].map(async () => own.front.place(mug)));
      const ids = orders.map(({ id }) => id).sort();
      await eventually(() => expect(shipped.toSorted()).toEqual(ids));
    }),
  );
});
