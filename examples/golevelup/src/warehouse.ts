import { AmqpConnection, RabbitRPC, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Injectable } from '@nestjs/common';
import { Stock, type Order } from './stock';

@Injectable()
export class Warehouse {
  constructor(
    private readonly amqp: AmqpConnection,
    private readonly stock: Stock,
  ) {}

  @RabbitSubscribe({ exchange: 'shop', routingKey: 'order.placed', queue: 'warehouse' })
  async reserve(order: Order): Promise<void> {
    await this.stock.reserve(order);
    await this.amqp.publish('shop', 'stock.reserved', { orderId: order.orderId });
  }

  @RabbitRPC({ exchange: 'shop', routingKey: 'warehouse.stock', queue: 'warehouse.stock' })
  async stockOf({ sku }: { sku: string }): Promise<{ sku: string; left: number }> {
    return { sku, left: await this.stock.leftOf(sku) };
  }
}
