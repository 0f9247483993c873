import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '@tradepost/service';
import { isUUID } from 'class-validator';
import { CancelOrder } from './order/cancel-order';
import { CancelRequest } from './order/cancel-request';
import type { Given } from './idempotency/idempotency';
import { IdempotencyKey, type KeyGiven } from './idempotency/idempotency-key';
import { OrderRequest, OrdersQuery } from './order/order-request';
import type { Order, OrderDetails } from './order/order-details';
import { newest, OrdersStore } from './order/orders.store';
import { PlaceOrder } from './order/place-order';
import { orderNotFound } from './order/refusals';

/** The part of Fastify's reply that is used here. */
interface Reply {
  status(code: number): unknown;
  headers(values: Record<string, string>): unknown;
}

@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly placeOrder: PlaceOrder,
    private readonly cancelOrder: CancelOrder,
    private readonly orders: OrdersStore,
  ) {}

  /** 201 with the order. The text is sent as it was stored, so that a replay is the same bytes. */
  @Post()
  async place(
    @Body() request: OrderRequest,
    @IdempotencyKey() key: KeyGiven | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    return give(await this.placeOrder.run(request, key), reply);
  }

  /** 200 with the order: cancelled, or `cancel_pending` until its money is given back. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @Param('id') id: string,
    @Body() request: CancelRequest,
    @IdempotencyKey() key: KeyGiven | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    if (!isUUID(id)) throw orderNotFound();
    return give(await this.cancelOrder.run(id.toLowerCase(), request, key), reply);
  }

  /** A text that is no id is the id of no order: 404 either way. */
  @Get(':id')
  async find(@Param('id') id: string): Promise<OrderDetails> {
    const found = isUUID(id) ? await this.orders.find(id) : undefined;
    if (!found) throw orderNotFound();
    return found.order;
  }

  /** Newest first. Orders placed meanwhile come before the first page, so no page shifts. */
  @Get()
  async list(
    @Query() { cursor, limit, ...filter }: OrdersQuery,
  ): Promise<Page<Order | OrderDetails>> {
    const [before] = cursor === undefined ? [newest] : decodeCursor(cursor, 'uuid');
    const rows = await this.orders.list(filter, String(before), limit + 1);
    return toPage(rows, limit, ({ id }) => [id]);
  }
}

function give({ status, headers, body, replayed }: Given, reply: Reply): string {
  reply.status(status);
  reply.headers({ ...headers, ...(replayed && { 'idempotent-replayed': 'true' }) });
  return body;
}
