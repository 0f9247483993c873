import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { IsString, Length } from 'class-validator';
import { randomUUID } from 'node:crypto';
import { Open } from '@tradepost/service';
import type { Burst, Order, OrderDetails, Product } from './api/orders';
import { Bursts } from './orders/bursts';
import { NewBurstBody, NewOrderBody } from './orders/new-order';
import { Place } from './orders/place';
import { pathWith, queryFor, type RawQuery } from './upstream/query';
import { Services } from './upstream/services';

class CancelBody {
  @IsString()
  @Length(1, 500)
  reason!: string;
}

interface Items<T> {
  items: T[];
  nextCursor?: string | null;
}

@Controller('api')
@Open('its guard wants a signed-in session')
export class OrdersController {
  constructor(
    private readonly services: Services,
    private readonly place: Place,
    private readonly bursts: Bursts,
  ) {}

  @Get('products')
  async products(): Promise<Items<Product>> {
    const { items } = await this.services.ask<Items<Product>>('orders', '/v1/products?limit=100');
    return { items };
  }

  @Get('customers')
  async customers(): Promise<Items<{ id: string; name: string }>> {
    const path = '/v1/users?limit=100';
    const { items } = await this.services.ask<Items<{ id: string; name: string }>>('users', path);
    return { items: items.map(({ id, name }) => ({ id, name })) };
  }

  @Get('orders')
  async list(@Query() query: RawQuery): Promise<Items<Order>> {
    const params = queryFor(query, ['status', 'customerId', 'cursor', 'limit']);
    return this.services.ask('orders', pathWith('/v1/orders', params));
  }

  @Post('orders')
  async create(@Body() order: NewOrderBody): Promise<OrderDetails> {
    return this.place.run(order);
  }

  @Post('orders/:id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string, @Body() body: CancelBody): Promise<OrderDetails> {
    const path = `/v1/orders/${encodeURIComponent(id)}/cancel`;
    const headers = { 'idempotency-key': randomUUID() };
    return this.services.ask('orders', path, { method: 'POST', body, headers });
  }

  @Post('bursts')
  @HttpCode(202)
  burst(@Body() burst: NewBurstBody): Burst {
    return this.bursts.start(burst);
  }

  @Get('bursts/:id')
  showBurst(@Param('id') id: string): Burst {
    return this.bursts.find(id);
  }

  @Post('bursts/:id/stop')
  @HttpCode(200)
  stopBurst(@Param('id') id: string): Burst {
    return this.bursts.stop(id);
  }
}
