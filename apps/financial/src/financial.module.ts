import { Module } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import { ServiceModule } from '@tradepost/service';
import { BalancesStore } from './ledger/balances.store';
import { BookPayments } from './ledger/book-payments';
import { BookSales } from './ledger/book-sales';
import { DrawStatement } from './statement/draw-statement';
import { FinancialConfig } from './financial.config';
import { FoldBalances } from './ledger/fold-balances';
import { LedgerController } from './ledger.controller';
import { LedgerMetrics } from './ledger/ledger-metrics';
import { LedgerStore } from './ledger/ledger.store';
import { OrderCancelledFanout } from './order-cancelled.fanout';
import { PaymentCapturedFanout } from './payment-captured.fanout';
import { PaymentDeclinedFanout } from './payment-declined.fanout';
import { PaymentRefundedFanout } from './payment-refunded.fanout';
import { ReverseSales } from './ledger/reverse-sales';
import { SaleFinalizedFanout } from './sale-finalized.fanout';
import { StatementController } from './statement.controller';
import { StatementsStore } from './statement/statements.store';

/** For who looks at the system: `GET /ops/topology`. */
const sends = [contracts.SaleBooked];

@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'financial',
      about: 'Books sales and payments in a double-entry ledger.',
      api: 'docs/API.md#the-ledger',
      config: FinancialConfig,
      sends,
    }),
  ],
  controllers: [LedgerController, StatementController],
  providers: [
    SaleFinalizedFanout,
    PaymentCapturedFanout,
    PaymentDeclinedFanout,
    PaymentRefundedFanout,
    OrderCancelledFanout,
    BookSales,
    BookPayments,
    ReverseSales,
    FoldBalances,
    LedgerMetrics,
    DrawStatement,
    LedgerStore,
    BalancesStore,
    StatementsStore,
  ],
})
export class FinancialModule {}
