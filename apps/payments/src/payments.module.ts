import { Module } from '@nestjs/common';
import { SandboxBooks } from '@tradepost/sandbox';
import { ServiceModule } from '@tradepost/service';
import { CancelPayment } from './cancel-payment';
import { CancellationsStore } from './cancellations.store';
import { CheckPayment } from './check-payment';
import { ChargePaymentWork } from './charge-payment.work';
import { FindPayment } from './find-payment';
import { GetPaymentRpc } from './get-payment.rpc';
import { GatewayCallbacksController } from './gateway-callbacks.controller';
import { GatewayGuards } from './gateway-guards';
import { GatewaySignature } from './gateway-signature';
import { HearGateway } from './hear-gateway';
import { HttpGateway } from './http-gateway';
import { OpenPayments } from './open-payments';
import { OrderCancelledFanout } from './order-cancelled.fanout';
import { PaymentGateway } from './payment-gateway';
import { PaymentViewsStore } from './payment-views.store';
import { PaymentsConfig } from './payments.config';
import { PaymentsController } from './payments.controller';
import { PaymentsStore } from './payments.store';
import { RecordOutcome } from './record-outcome';
import { RefundPaymentWork } from './refund-payment.work';
import { ReturnMoney } from './return-money';
import { SaleFinalizedFanout } from './sale-finalized.fanout';
import { SandboxChargesController } from './sandbox-charges.controller';
import { SandboxGateway } from './sandbox-gateway';
import { SweepPayments } from './sweep-payments';
import { TakeMoney } from './take-money';
import { UnsettledPaymentsStore } from './unsettled-payments.store';

@Module({
  imports: [ServiceModule.forRoot({ name: 'payments', config: PaymentsConfig })],
  controllers: [PaymentsController, SandboxChargesController, GatewayCallbacksController],
  providers: [
    SaleFinalizedFanout,
    OrderCancelledFanout,
    ChargePaymentWork,
    RefundPaymentWork,
    GetPaymentRpc,
    OpenPayments,
    TakeMoney,
    ReturnMoney,
    CancelPayment,
    RecordOutcome,
    HearGateway,
    FindPayment,
    RecordOutcome,
    CheckPayment,
    SweepPayments,
    PaymentsStore,
    UnsettledPaymentsStore,
    PaymentViewsStore,
    CancellationsStore,
    SandboxBooks,
    GatewayGuards,
    GatewaySignature,
    {
      provide: PaymentGateway,
      inject: [PaymentsConfig, GatewayGuards, SandboxBooks],
      useFactory: (config: PaymentsConfig, guards: GatewayGuards, books: SandboxBooks) =>
        config.GATEWAY_URL === undefined
          ? new SandboxGateway(books, config)
          : new HttpGateway(config, guards),
    },
  ],
})
export class PaymentsModule {}
