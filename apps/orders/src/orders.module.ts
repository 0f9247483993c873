import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { AdvanceOrder } from './advance-order';
import { CancelOrder } from './cancel-order';
import { ConfirmOrderWork } from './confirm-order.work';
import { EarlierAnswers } from './earlier-answers';
import { FinalizeSale } from './finalize-sale';
import { ForgetAnswers } from './forget-answers';
import { IdempotencyStore } from './idempotency.store';
import { OrdersConfig } from './orders.config';
import { OrdersController } from './orders.controller';
import { OrdersStore } from './orders.store';
import { OverdueOrdersStore } from './overdue-orders.store';
import { PaymentCapturedFanout } from './payment-captured.fanout';
import { PaymentDeclinedFanout } from './payment-declined.fanout';
import { PaymentRefundedFanout } from './payment-refunded.fanout';
import { PlaceOrder } from './place-order';
import { PriceList } from './price-list';
import { ProductsController } from './products.controller';
import { ProductsStore } from './products.store';
import { ResolveOrder } from './resolve-order';
import { SaleBookedFanout } from './sale-booked.fanout';
import { SweepOrders } from './sweep-orders';

const edges = [
  ConfirmOrderWork,
  PaymentCapturedFanout,
  PaymentDeclinedFanout,
  PaymentRefundedFanout,
  SaleBookedFanout,
];
const useCases = [
  PlaceOrder,
  CancelOrder,
  FinalizeSale,
  AdvanceOrder,
  EarlierAnswers,
  ForgetAnswers,
  ResolveOrder,
  SweepOrders,
];
const stores = [OrdersStore, OverdueOrdersStore, ProductsStore, PriceList, IdempotencyStore];

@Module({
  imports: [ServiceModule.forRoot({ name: 'orders', config: OrdersConfig })],
  controllers: [OrdersController, ProductsController],
  providers: [...edges, ...useCases, ...stores],
})
export class OrdersModule {}
