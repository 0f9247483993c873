import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { decodeCursor, type Page, toPage } from '@tradepost/service';
import { isUUID } from 'class-validator';
import { CancelOrder } from './cancel-order';
import { CancelRequest } from './cancel-request';
import { type Given, readKey } from './idempotency';
import { OrderRequest, OrdersQuery } from './order-request';
import type { Order, OrderDetails } from './order-details';
import { newest, OrdersStore } from './orders.store';
import { PlaceOrder } from './place-order';
import { orderNotFound } from './refusals';

/** The part of Fastify's reply that is used here. */
interface ReplyHeaders {
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
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<string> {
    const given = await this.placeOrder.run(request, readKey(key));
    reply.headers({ ...headersOf(given), location: `/v1/orders/${given.orderId}` });
    return given.body;
  }

  /** 200 with the order: cancelled, or `cancel_pending` until its money is given back. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @Param('id') id: string,
    @Body() request: CancelRequest,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<string> {
    if (!isUUID(id)) throw orderNotFound();
    const given = await this.cancelOrder.run(id.toLowerCase(), request, readKey(key));
    reply.headers(headersOf(given));
    return given.body;
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

function headersOf({ replayed }: Given): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    ...(replayed && { 'idempotent-replayed': 'true' }),
  };
}
