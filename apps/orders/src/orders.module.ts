import { Module } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import { IdempotencyModule, ServiceModule } from '@tradepost/service';
import { AdvanceOrder } from './order/advance-order';
import { CancelOrder } from './order/cancel-order';
import { ConfirmOrderWork } from './confirm-order.work';
import { DeliverWebhook } from './webhooks/deliver-webhook';
import { DeliverWebhookWork } from './deliver-webhook.work';
import { OrderMetrics } from './order/order-metrics';
import { OrderStreams } from './event-stream/order-streams';
import { EventsController } from './events.controller';
import { ConfirmOrder } from './order/confirm-order';
import { ForgetDeliveries } from './webhooks/forget-deliveries';
import { MoveOrder } from './order/move-order';
import { OrdersConfig } from './orders.config';
import { OrdersController } from './orders.controller';
import { OrdersStore } from './order/orders.store';
import { PaymentCapturedFanout } from './payment-captured.fanout';
import { PaymentDeclinedFanout } from './payment-declined.fanout';
import { PaymentRefundedFanout } from './payment-refunded.fanout';
import { PlaceOrder } from './order/place-order';
import { PostWebhook } from './webhooks/post-webhook';
import { PriceList } from './order/price-list';
import { ProductsController } from './products.controller';
import { ProductsStore } from './order/products.store';
import { RegisterWebhook } from './webhooks/register-webhook';
import { ResolveOrder } from './recovery/resolve-order';
import { SaleBookedFanout } from './sale-booked.fanout';
import { SweepOrders } from './recovery/sweep-orders';
import { TimelineStore } from './order/timeline.store';
import { TimelineWatch } from './event-stream/timeline-watch';
import { WebhookDeliveriesStore } from './webhooks/webhook-deliveries.store';
import { WebhooksController } from './webhooks.controller';
import { WebhooksStore } from './webhooks/webhooks.store';

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
  ConfirmOrder,
  AdvanceOrder,
  MoveOrder,
  ResolveOrder,
  SweepOrders,
  RegisterWebhook,
  DeliverWebhook,
  PostWebhook,
  ForgetDeliveries,
  OrderStreams,
  OrderMetrics,
  TimelineWatch,
];
const stores = [
  OrdersStore,
  ProductsStore,
  PriceList,
  TimelineStore,
  WebhooksStore,
  WebhookDeliveriesStore,
];

/** For who looks at the system: `GET /ops/topology`. */
const sends = [
  contracts.ConfirmOrder,
  contracts.SaleFinalized,
  contracts.OrderCancelled,
  contracts.DeliverWebhook,
  contracts.GetUser,
  contracts.GetPayment,
];

@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'orders',
      about: 'Takes orders, confirms them, and keeps what becomes of each.',
      api: 'docs/API.md#orders',
      config: OrdersConfig,
      sends,
    }),
    IdempotencyModule,
  ],
  controllers: [OrdersController, EventsController, ProductsController, WebhooksController],
  providers: [...edges, ...useCases, ...stores],
})
export class OrdersModule {}
