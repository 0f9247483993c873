import { AmqpConnection, RabbitRPC, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Injectable } from '@nestjs/common';

interface Order {
  orderId: string;
  sku: string;
  quantity: number;
}

@Injectable()
export class Warehouse {
  private readonly stock = new Map([['MUG-BLUE', 10]]);

  constructor(private readonly amqp: AmqpConnection) {}

  @RabbitSubscribe({ exchange: 'shop', routingKey: 'order.placed', queue: 'warehouse' })
  async reserve({ orderId, sku, quantity }: Order): Promise<void> {
    const left = (this.stock.get(sku) ?? 0) - quantity;
    if (left < 0) throw new Error(`too few of ${sku}`);
    this.stock.set(sku, left);
    await this.amqp.publish('shop', 'stock.reserved', { orderId });
  }

  @RabbitRPC({ exchange: 'shop', routingKey: 'warehouse.stock', queue: 'warehouse.stock' })
  stockOf({ sku }: { sku: string }): { sku: string; left: number } {
    return { sku, left: this.stock.get(sku) ?? 0 };
  }
}
