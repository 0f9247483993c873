import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  bulkPageMax,
  decodeCursor,
  notFound,
  type Page,
  pageQuery,
  Scope,
  toPage,
} from '@tradepost/service';
import { IsOptional, IsUUID } from 'class-validator';
import { type PaymentView, PaymentViewsStore } from './payment/payment-views.store';

class PaymentsQuery extends pageQuery(bulkPageMax) {
  @IsOptional()
  @IsUUID()
  orderId?: string;
}

class PaymentParams {
  @IsUUID()
  id!: string;
}

@Controller('v1/payments')
@Scope('payments:read')
export class PaymentsController {
  constructor(private readonly payments: PaymentViewsStore) {}

  /**
   * List payments with their attempts. An order's, none for an order that has none (yet); or all,
   * paged.
   */
  @Get()
  async list(@Query() { orderId, cursor, limit }: PaymentsQuery): Promise<Page<PaymentView>> {
    if (orderId !== undefined) {
      return { items: await this.payments.ofOrder(orderId), nextCursor: null };
    }
    const [after] = cursor === undefined ? [] : decodeCursor(cursor, 'uuid');
    const rows = await this.payments.page(after, limit + 1);
    return toPage(rows, limit, ({ id }) => [id]);
  }

  /** Show a payment with its attempts. */
  @Get(':id')
  async get(@Param() { id }: PaymentParams): Promise<PaymentView> {
    const payment = await this.payments.find(id);
    if (payment) return payment;
    throw notFound('payment', `There is no payment ${id}.`);
  }
}
