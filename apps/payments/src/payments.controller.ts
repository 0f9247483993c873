import { Controller, Get, Param, Query } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { IsUUID } from 'class-validator';
import { type PaymentView, PaymentViewsStore } from './payment-views.store';

class PaymentsQuery {
  @IsUUID()
  orderId!: string;
}

class PaymentParams {
  @IsUUID()
  id!: string;
}

@Controller('v1/payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentViewsStore) {}

  /** An order's payment with its attempts; none for an order that has none (yet). */
  @Get()
  async list(@Query() { orderId }: PaymentsQuery): Promise<{ items: PaymentView[] }> {
    return { items: await this.payments.ofOrder(orderId) };
  }

  @Get(':id')
  async get(@Param() { id }: PaymentParams): Promise<PaymentView> {
    const payment = await this.payments.find(id);
    if (payment) return payment;
    throw new Problem({
      status: 404,
      type: 'payment-not-found',
      title: 'Payment not found',
      detail: `There is no payment ${id}.`,
    });
  }
}
