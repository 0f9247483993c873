import { Controller, Inject } from '@nestjs/common';
import {
  ClientProxy,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RmqContext,
} from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';

interface Order {
  orderId: string;
  sku: string;
  quantity: number;
}

interface Channel {
  ack(message: object): void;
}

@Controller()
export class WarehouseController {
  private readonly stock = new Map([['MUG-BLUE', 10]]);

  constructor(@Inject('SHIPPING') private readonly shipping: ClientProxy) {}

  @EventPattern('order-placed')
  async reserve(@Payload() order: Order, @Ctx() context: RmqContext): Promise<void> {
    const left = (this.stock.get(order.sku) ?? 0) - order.quantity;
    if (left < 0) throw new Error(`too few of ${order.sku}`);
    this.stock.set(order.sku, left);
    const event = { orderId: order.orderId };
    await firstValueFrom(this.shipping.emit('stock-reserved', event), { defaultValue: undefined });
    const channel = context.getChannelRef() as Channel;
    channel.ack(context.getMessage());
  }

  @MessagePattern('stock-of')
  stockOf(@Payload() { sku }: { sku: string }): { sku: string; left: number } {
    return { sku, left: this.stock.get(sku) ?? 0 };
  }
}
