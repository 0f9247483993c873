import { Module } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import { ChargesStore } from '../../sandbox-gateway/src/charges/charges.store';
import { ServiceModule } from '@tradepost/service';
import { ApplyGatewayResult } from './payment/apply-gateway-result';
import { CancelPayment } from './payment/cancel-payment';
import { CheckPayment } from './recovery/check-payment';
import { ChargePayment } from './payment/charge-payment';
import { ChargePaymentWork } from './charge-payment.work';
import { GetPayment } from './payment/get-payment';
import { GetPaymentRpc } from './get-payment.rpc';
import { GatewayCallbacksController } from './gateway-callbacks.controller';
import { GatewayGuards } from './gateway/gateway-guards';
import { GatewaySignature } from './gateway/gateway-signature';
import { HttpGateway } from './gateway/http-gateway';
import { MoneyMetrics } from './payment/money-metrics';
import { OpenPayments } from './payment/open-payments';
import { OrderCancelledFanout } from './order-cancelled.fanout';
import { PaymentGateway } from './gateway/payment-gateway';
import { PaymentViewsStore } from './payment/payment-views.store';
import { PaymentsConfig } from './payments.config';
import { PaymentsController } from './payments.controller';
import { PaymentsStore } from './payment/payments.store';
import { RecordOutcome } from './payment/record-outcome';
import { RefundPayment } from './payment/refund-payment';
import { RefundPaymentWork } from './refund-payment.work';
import { SaleFinalizedFanout } from './sale-finalized.fanout';
import { SandboxChargesController } from './sandbox-charges.controller';
import { SandboxGateway } from './gateway/sandbox-gateway';
import { SweepPayments } from './recovery/sweep-payments';

/** For who looks at the system: `GET /ops/topology`. */
const sends = [
  contracts.ChargePayment,
  contracts.RefundPayment,
  contracts.PaymentCaptured,
  contracts.PaymentDeclined,
  contracts.PaymentRefunded,
];

@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'payments',
      about: 'Charges and refunds through the payment gateway, each once.',
      api: 'docs/API.md#payments',
      config: PaymentsConfig,
      sends,
    }),
  ],
  controllers: [PaymentsController, SandboxChargesController, GatewayCallbacksController],
  providers: [
    SaleFinalizedFanout,
    OrderCancelledFanout,
    ChargePaymentWork,
    RefundPaymentWork,
    GetPaymentRpc,
    OpenPayments,
    ChargePayment,
    RefundPayment,
    CancelPayment,
    RecordOutcome,
    ApplyGatewayResult,
    GetPayment,
    MoneyMetrics,
    CheckPayment,
    SweepPayments,
    PaymentsStore,
    PaymentViewsStore,
    ChargesStore,
    GatewayGuards,
    GatewaySignature,
    {
      provide: PaymentGateway,
      inject: [PaymentsConfig, GatewayGuards, ChargesStore],
      useFactory: (config: PaymentsConfig, guards: GatewayGuards, charges: ChargesStore) =>
        config.GATEWAY === 'sandbox'
          ? new SandboxGateway(charges, config)
          : new HttpGateway(config, guards),
    },
  ],
})
export class PaymentsModule {}
