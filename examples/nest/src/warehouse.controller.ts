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
import { Stock, type Order } from './stock';

interface Channel {
  ack(message: object): void;
}

@Controller()
export class WarehouseController {
  constructor(
    @Inject('SHIPPING') private readonly shipping: ClientProxy,
    private readonly stock: Stock,
  ) {}

  @EventPattern('order-placed')
  async reserve(@Payload() order: Order, @Ctx() context: RmqContext): Promise<void> {
    await this.stock.reserve(order);
    const event = { orderId: order.orderId };
    await firstValueFrom(this.shipping.emit('stock-reserved', event), { defaultValue: undefined });
    const channel = context.getChannelRef() as Channel;
    channel.ack(context.getMessage());
  }

  @MessagePattern('stock-of')
  async stockOf(@Payload() { sku }: { sku: string }): Promise<{ sku: string; left: number }> {
    return { sku, left: await this.stock.leftOf(sku) };
  }
}
