import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { canonicalId } from '@tradepost/messaging';
import {
  Caller,
  decodeCursor,
  type HttpReply,
  Idempotent,
  type Page,
  Scope,
  toPage,
} from '@tradepost/service';
import { CancelOrder } from './order/cancel-order';
import { CancelRequest, OrderRequest, OrdersQuery } from './order/order-request';
import { isOf, type Order, type OrderDetails } from './order/order-details';
import { newest, OrdersStore } from './order/orders.store';
import { PlaceOrder } from './order/place-order';
import { anotherCustomer, orderNotFound } from './order/order-problems';

@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly placeOrder: PlaceOrder,
    private readonly cancelOrder: CancelOrder,
    private readonly orders: OrdersStore,
  ) {}

  /** Place an order. 201 with the order, which is `pending`. */
  @Post()
  @Scope('orders:write', { customers: 'own' })
  @Idempotent()
  async place(
    @Caller() { customer }: Caller,
    @Body() request: OrderRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<OrderDetails> {
    if (customer !== undefined && request.customerId !== customer) throw anotherCustomer();
    const order = await this.placeOrder.run(request);
    reply.header('location', `/v1/orders/${order.id}`);
    return order;
  }

  /** Cancel an order. 200 with the order: `cancelled`, or `cancel_pending` until its refund. */
  @Post(':id/cancel')
  @Scope('orders:write', { customers: 'own' })
  @HttpCode(200)
  @Idempotent()
  async cancel(
    @Caller() { customer }: Caller,
    @Param('id') text: string,
    @Body() request: CancelRequest,
  ): Promise<OrderDetails> {
    const id = canonicalId(text);
    if (id === undefined) throw orderNotFound();
    return this.cancelOrder.run(id, request, customer);
  }

  /**
   * Show an order with its timeline. A text that is no id is the id of no order: 404 either way.
   */
  @Get(':id')
  @Scope('orders:read', { customers: 'own' })
  async find(@Caller() { customer }: Caller, @Param('id') text: string): Promise<OrderDetails> {
    const id = canonicalId(text);
    const found = id === undefined ? undefined : await this.orders.find(id);
    if (!found || !isOf(customer, found.order)) throw orderNotFound();
    return found.order;
  }

  /**
   * List orders. Newest first. Orders placed meanwhile come before the first page, so that no page
   * shifts.
   */
  @Get()
  @Scope('orders:read', { customers: 'own' })
  async list(
    @Caller() { customer }: Caller,
    @Query() { cursor, limit, ...query }: OrdersQuery,
  ): Promise<Page<Order | OrderDetails>> {
    const { customerId = customer } = query;
    // Of another customer there is none.
    if (customer !== undefined && customerId !== customer)
      return toPage<Order>([], limit, ({ id }) => [id]);
    const filter = { ...query, customerId };
    const [before] = cursor === undefined ? [newest] : decodeCursor(cursor, 'uuid');
    const rows = await this.orders.list(filter, before, limit + 1);
    return toPage(rows, limit, ({ id }) => [id]);
  }
}
