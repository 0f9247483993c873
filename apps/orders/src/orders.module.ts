import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { AdvanceOrder } from './advance-order';
import { CancelOrder } from './cancel-order';
import { ConfirmOrderWork } from './confirm-order.work';
import { DeliverWebhook } from './deliver-webhook';
import { DeliverWebhookWork } from './deliver-webhook.work';
import { EarlierAnswers } from './earlier-answers';
import { EventStreams } from './event-streams';
import { EventsController } from './events.controller';
import { FinalizeSale } from './finalize-sale';
import { ForgetAnswers } from './forget-answers';
import { ForgetDeliveries } from './forget-deliveries';
import { IdempotencyStore } from './idempotency.store';
import { MoveOrder } from './move-order';
import { OrdersConfig } from './orders.config';
import { OrdersController } from './orders.controller';
import { OrdersStore } from './orders.store';
import { OverdueOrdersStore } from './overdue-orders.store';
import { PaymentCapturedFanout } from './payment-captured.fanout';
import { PaymentDeclinedFanout } from './payment-declined.fanout';
import { PaymentRefundedFanout } from './payment-refunded.fanout';
import { PlaceOrder } from './place-order';
import { PostWebhook } from './post-webhook';
import { PriceList } from './price-list';
import { ProductsController } from './products.controller';
import { ProductsStore } from './products.store';
import { RegisterWebhook } from './register-webhook';
import { ResolveOrder } from './resolve-order';
import { SaleBookedFanout } from './sale-booked.fanout';
import { SweepOrders } from './sweep-orders';
import { TimelineStore } from './timeline.store';
import { TimelineWatch } from './timeline-watch';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';
import { WebhooksController } from './webhooks.controller';
import { WebhooksStore } from './webhooks.store';

const edges = [
  ConfirmOrderWork,
  DeliverWebhookWork,
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
  MoveOrder,
  EarlierAnswers,
  ForgetAnswers,
  ResolveOrder,
  SweepOrders,
  RegisterWebhook,
  DeliverWebhook,
  PostWebhook,
  ForgetDeliveries,
  EventStreams,
  TimelineWatch,
];
const stores = [
  OrdersStore,
  OverdueOrdersStore,
  ProductsStore,
  PriceList,
  IdempotencyStore,
  TimelineStore,
  WebhooksStore,
  WebhookDeliveriesStore,
];

@Module({
  imports: [ServiceModule.forRoot({ name: 'orders', config: OrdersConfig })],
  controllers: [OrdersController, EventsController, ProductsController, WebhooksController],
  providers: [...edges, ...useCases, ...stores],
})
export class OrdersModule {}
