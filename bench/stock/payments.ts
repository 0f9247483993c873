import { Controller, Inject, Module } from '@nestjs/common';
import { ClientProxy, Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { lastValueFrom } from 'rxjs';
import { acknowledge, clientsOf, type Sale } from './platform';

@Controller()
class PaymentsController {
  constructor(
    private readonly pool: Pool,
    @Inject('orders') private readonly orders: ClientProxy,
  ) {}

  /** Captured at once: no gateway is asked. */
  @EventPattern('sale')
  async capture(@Payload() sale: Sale, @Ctx() context: RmqContext): Promise<void> {
    await this.pool.query(
      `INSERT INTO payments (id, order_id, amount, status) VALUES ($1, $2, $3, 'captured')`,
      [randomUUID(), sale.orderId, sale.total],
    );
    await lastValueFrom(this.orders.emit('payment.captured', { orderId: sale.orderId }), {
      defaultValue: undefined,
    });
    acknowledge(context);
  }
}

@Module({ imports: [clientsOf('orders')], controllers: [PaymentsController] })
export class PaymentsModule {}
