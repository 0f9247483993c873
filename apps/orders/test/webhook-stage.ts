import {
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleBooked,
} from '@tradepost/contracts';
import {
  eventually,
  type ReceivedPost,
  testService,
  type TestService,
  WebhookReceiver,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { OrdersModule } from '../src/orders.module';
import type { OrderDetails } from '../src/order/order-details';
import { OrdersApi } from './orders-api';
import { startUsers } from './users-stand-in';
import { WebhooksApi } from './webhooks-api';

export interface Told {
  type: string;
  timestamp: string;
  data: OrderDetails;
}

export const operatorToken = 'a-token-for-operators';

/** Orders with a receiver of webhooks, and a say in what becomes of an order. */
export class WebhookStage {
  private constructor(
    readonly service: TestService,
    readonly receiver: WebhookReceiver,
    readonly api: OrdersApi,
    readonly webhooks: WebhooksApi,
    private readonly users: { stop(): Promise<void> },
  ) {}

  static async open(env: Record<string, string> = {}): Promise<WebhookStage> {
    const service = await testService(OrdersModule, {
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      OPS_TOKEN: operatorToken,
      ...env,
    });
    const api = new OrdersApi(service.url);
    const users = await startUsers(service.broker);
    const receiver = await WebhookReceiver.start();
    return new WebhookStage(service, receiver, api, new WebhooksApi(api, service.url), users);
  }

  async close(): Promise<void> {
    await this.users.stop();
    await this.service.stop();
    await this.receiver.stop();
  }

  async reaches(id: string, status: string): Promise<OrderDetails> {
    return eventually(async () => {
      const order = await this.api.order(id);
      expect(order.status).toBe(status);
      return order;
    });
  }

  async awaitingPayment(): Promise<OrderDetails> {
    return this.reaches((await this.api.place()).id, 'awaiting_payment');
  }

  async paid(): Promise<OrderDetails> {
    const order = await this.awaitingPayment();
    await this.capture(order);
    return this.reaches(order.id, 'paid');
  }

  async capture(order: OrderDetails): Promise<void> {
    await this.service.broker.publish(PaymentCaptured, paymentOf(order));
  }

  async decline(order: OrderDetails): Promise<void> {
    const reason = 'card_declined';
    await this.service.broker.publish(PaymentDeclined, { ...paymentOf(order), reason });
  }

  async refund(order: OrderDetails): Promise<void> {
    await this.service.broker.publish(PaymentRefunded, paymentOf(order));
  }

  /** The sale stands in the ledger, as orders knows by now. */
  async book({ id }: OrderDetails): Promise<void> {
    const transactionId = randomUUID();
    await this.service.broker.publish(SaleBooked, { orderId: id, transactionId });
    const sql = { name: 'test-booked', text: 'SELECT booked FROM orders WHERE id = $1' };
    await eventually(async () =>
      expect(await this.service.db.query(sql, [id])).toEqual([{ booked: true }]),
    );
  }

  /** The posts to a path, once there are so many. */
  async posts(path: string, count: number): Promise<ReceivedPost[]> {
    return eventually(() => {
      expect(this.receiver.at(path)).toHaveLength(count);
      return this.receiver.at(path);
    });
  }
}

/** What a post says, when its signature is good. */
export function verified({ body, headers }: ReceivedPost, secret: string): Told {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Told;
}

function paymentOf({ id, currency, total }: OrderDetails) {
  return { paymentId: randomUUID(), orderId: id, currency, amount: total };
}
