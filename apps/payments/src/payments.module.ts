import { Module } from '@nestjs/common';
import { SandboxBooks } from '@tradepost/sandbox';
import { ServiceModule } from '@tradepost/service';
import { CancelPayment } from './cancel-payment';
import { CancellationsStore } from './cancellations.store';
import { ChargePaymentWork } from './charge-payment.work';
import { FindPayment } from './find-payment';
import { GetPaymentRpc } from './get-payment.rpc';
import { OpenPayments } from './open-payments';
import { OrderCancelledFanout } from './order-cancelled.fanout';
import { PaymentGateway } from './payment-gateway';
import { PaymentViewsStore } from './payment-views.store';
import { PaymentsConfig } from './payments.config';
import { PaymentsController } from './payments.controller';
import { PaymentsStore } from './payments.store';
import { RefundPaymentWork } from './refund-payment.work';
import { ReturnMoney } from './return-money';
import { SaleFinalizedFanout } from './sale-finalized.fanout';
import { SandboxChargesController } from './sandbox-charges.controller';
import { SandboxGateway } from './sandbox-gateway';
import { TakeMoney } from './take-money';

@Module({
  imports: [ServiceModule.forRoot({ name: 'payments', config: PaymentsConfig })],
  controllers: [PaymentsController, SandboxChargesController],
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
    FindPayment,
    PaymentsStore,
    PaymentViewsStore,
    CancellationsStore,
    SandboxBooks,
    { provide: PaymentGateway, useClass: SandboxGateway },
  ],
})
export class PaymentsModule {}
