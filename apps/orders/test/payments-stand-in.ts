import { Injectable, Module } from '@nestjs/common';
import { GetPayment, type Payment } from '@tradepost/contracts';
import { OnRpc, Rejected } from '@tradepost/messaging';
import { createService, ServiceConfig, ServiceModule } from '@tradepost/service';
import { createTestDatabase, type TestBroker, openToAll } from '@tradepost/test-kit';

/** Answers what became of a payment, as payments does. */
@Injectable()
class GetPaymentRpc {
  readonly payments = new Map<string, Payment>();
  readonly asked: string[] = [];
  meanwhile?: (orderId: string) => Promise<unknown>;

  @OnRpc(GetPayment)
  async handle({ orderId }: GetPayment): Promise<Payment> {
    this.asked.push(orderId);
    await this.meanwhile?.(orderId);
    const payment = this.payments.get(orderId);
    if (!payment) throw new Rejected('payment_unknown', `order ${orderId} has no payment`);
    return payment;
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'payments', config: ServiceConfig })],
  providers: [GetPaymentRpc],
})
class PaymentsStandIn {}

export interface StandIn {
  /** By order. */
  payments: Map<string, Payment>;
  /** The orders it was asked about, each time. */
  asked: string[];
  /** Happens while it is asked. */
  meanwhile?: (orderId: string) => Promise<unknown>;
  stop(): Promise<void>;
}

export async function startPayments(broker: TestBroker): Promise<StandIn> {
  const database = await createTestDatabase();
  const app = await createService(PaymentsStandIn, {
    ...openToAll,
    AMQP_URL: broker.amqpUrl,
    POSTGRES_URL: database.url,
    LOG_LEVEL: 'error',
  });
  await app.init();
  const stop = async () => {
    await app.close();
    await database.drop();
  };
  return Object.assign(app.get(GetPaymentRpc), { stop });
}
