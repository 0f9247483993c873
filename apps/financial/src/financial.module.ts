import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { BalancesStore } from './balances.store';
import { BookPayment } from './book-payment';
import { BookSales } from './book-sales';
import { CancelSale } from './cancel-sale';
import { CancellationsStore } from './cancellations.store';
import { DrawStatement } from './draw-statement';
import { FinancialConfig } from './financial.config';
import { FoldBalances } from './fold-balances';
import { LedgerController } from './ledger.controller';
import { LedgerStore } from './ledger.store';
import { OrderCancelledFanout } from './order-cancelled.fanout';
import { PaymentCapturedFanout } from './payment-captured.fanout';
import { PaymentDeclinedFanout } from './payment-declined.fanout';
import { PaymentRefundedFanout } from './payment-refunded.fanout';
import { ReverseSale } from './reverse-sale';
import { SaleFinalizedFanout } from './sale-finalized.fanout';
import { StatementController } from './statement.controller';
import { StatementsStore } from './statements.store';

@Module({
  imports: [ServiceModule.forRoot({ name: 'financial', config: FinancialConfig })],
  controllers: [LedgerController, StatementController],
  providers: [
    SaleFinalizedFanout,
    PaymentCapturedFanout,
    PaymentDeclinedFanout,
    PaymentRefundedFanout,
    OrderCancelledFanout,
    BookSales,
    BookPayment,
    ReverseSale,
    CancelSale,
    FoldBalances,
    DrawStatement,
    LedgerStore,
    BalancesStore,
    StatementsStore,
    CancellationsStore,
  ],
})
export class FinancialModule {}
