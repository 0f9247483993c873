import { Injectable, Logger } from '@nestjs/common';
import { GetPayment, OrderCancelled, type Payment, SaleFinalized } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { Messages, Rejected, RpcFailed, RpcTimeout, send, Unroutable } from '@tradepost/messaging';
import { AdvanceOrder } from '../order/advance-order';
import { ConfirmOrder } from '../order/confirm-order';
import { saleOf } from '../order/finalize-sales';
import type { OrderDetails, TimelineEntry } from '../order/order-details';
import { type FoundOrder, OrdersStore, type OverdueOrder } from '../order/orders.store';
import { type PaymentStage, type Remedy, remedyFor } from './remedy';

const getPaymentTimeoutMs = 2_000;
/** An order whose customer is still unknown at this check is rejected. */
const checksMax = 2;

/** Moves on an order that has stayed in one state for too long, by asking users or payments. */
@Injectable()
export class ResolveOrder {
  private readonly log = new Logger(ResolveOrder.name);

  constructor(
    private readonly db: Db,
    private readonly orders: OrdersStore,
    private readonly messages: Messages,
    private readonly confirmOrder: ConfirmOrder,
    private readonly advanceOrder: AdvanceOrder,
  ) {}

  /** @throws the error that keeps the other service from answering: the order is checked later */
  async run({ id, checks }: OverdueOrder): Promise<void> {
    const found = await this.orders.find(id);
    const status = found?.order.status;
    switch (status) {
      case 'pending':
        return this.confirm(found as FoundOrder, checks);
      case 'awaiting_payment':
      case 'paid':
      case 'cancel_pending':
        return this.ask(found as FoundOrder, status);
      default:
      // It has reached its end meanwhile.
    }
  }

  private async confirm({ order }: FoundOrder, checks: number): Promise<void> {
    const { id: orderId, customerId } = order;
    try {
      await this.confirmOrder.run({ orderId, customerId });
    } catch (error) {
      // Without a broker no question was sent.
      if (!isUnanswered(error) || checks < checksMax || !this.messages.canAsk) throw error;
      const name = 'confirmation-expired';
      await this.advanceOrder.run({ orderId, event: { name, cause: name } });
    }
  }

  private async ask(found: FoundOrder, stage: PaymentStage): Promise<void> {
    const { id } = found.order;
    const payment = await this.paymentOf(id);
    const remedy = remedyFor(stage, payment);
    if (remedy.kind === 'wait') return;
    const facts = { orderId: id, state: stage, paymentState: payment?.status ?? 'none' };
    if (remedy.kind === 'contradiction') return this.report(stage, facts);
    this.log.warn('order is overdue', facts);
    if (remedy.kind === 'apply') {
      return this.advanceOrder.run({ orderId: id, event: remedy.event });
    }
    await this.db.transaction(async (tx) => {
      const locked = (await this.orders.lockEach(tx, [id])).get(id);
      if (locked?.status !== stage) return;
      await this.resend(tx, found, remedy.what);
    });
  }

  private async report(stage: PaymentStage, facts: { orderId: string }): Promise<void> {
    const now = await this.orders.find(facts.orderId);
    // The order may have moved on while payments was asked.
    if (now?.order.status === stage) this.log.error('order contradicts its payment', facts);
  }

  private async paymentOf(orderId: string): Promise<Payment | undefined> {
    try {
      return await this.messages.ask(GetPayment, { orderId }, { timeoutMs: getPaymentTimeoutMs });
    } catch (error) {
      if (error instanceof Rejected && error.code === 'payment_unknown') return undefined;
      throw error;
    }
  }

  /** A service that has handled the first copy does nothing more. */
  private async resend(
    tx: Tx,
    { order, paymentToken }: FoundOrder,
    what: Extract<Remedy, { kind: 'resend' }>['what'],
  ): Promise<void> {
    if (what === 'order-cancelled') {
      await send(tx, OrderCancelled, { orderId: order.id, reason: cancelReasonOf(order) });
      return;
    }
    const finalizedAt = order.timeline.find(({ state }) => state === 'awaiting_payment')?.at;
    const { customerName } = order;
    if (customerName === null || finalizedAt === undefined) return;
    await send(tx, SaleFinalized, saleOf(order, customerName, paymentToken, finalizedAt));
  }
}

/** users did not identify the customer, as opposed to: the answer could not be stored. */
function isUnanswered(error: unknown): boolean {
  return [RpcTimeout, RpcFailed, Unroutable, Rejected].some((kind) => error instanceof kind);
}

/** Of an order whose cancellation is pending: it came to that by a request alone. */
function cancelReasonOf({ timeline }: OrderDetails): string {
  const prefix = 'cancel-requested: ';
  const request = timeline.find(({ cause }) => cause.startsWith(prefix)) as TimelineEntry;
  return request.cause.slice(prefix.length);
}
