import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { canonicalId } from '@tradepost/messaging';
import {
  decodeCursor,
  type HttpReply,
  Idempotent,
  notFound,
  type Page,
  PageQuery,
  type Problem,
  Scope,
  toPage,
  webhookIdOf,
} from '@tradepost/service';
import { newest } from './order/orders.store';
import { RegisterWebhook } from './webhooks/register-webhook';
import type { Delivery, Endpoint } from './webhooks/webhook';
import { WebhookDeliveriesStore } from './webhooks/webhook-deliveries.store';
import { DeliveriesQuery, WebhookRequest } from './webhooks/webhook-request';
import { WebhooksStore } from './webhooks/webhooks.store';

@Controller('v1/webhooks')
@Scope('webhooks:manage')
export class WebhooksController {
  constructor(
    private readonly registerWebhook: RegisterWebhook,
    private readonly webhooks: WebhooksStore,
    private readonly deliveries: WebhookDeliveriesStore,
  ) {}

  /** Register a webhook. 201 with the endpoint and its secret, which no other route shows. */
  @Post()
  @Idempotent()
  async register(
    @Body() request: WebhookRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Endpoint & { secret: string }> {
    const endpoint = await this.registerWebhook.run(request);
    reply.header('location', `/v1/webhooks/${endpoint.id}`);
    return endpoint;
  }

  /** List webhooks. Newest first. */
  @Get()
  async list(@Query() { cursor, limit }: PageQuery): Promise<Page<Endpoint>> {
    const rows = await this.webhooks.list(before(cursor), limit + 1);
    return toPage(rows, limit, ({ id }) => [id]);
  }

  /** Show a webhook. */
  @Get(':id')
  async find(@Param('id') text: string): Promise<Endpoint> {
    const id = canonicalId(text);
    const endpoint = id === undefined ? undefined : await this.webhooks.find(id);
    if (!endpoint) throw webhookNotFound();
    return endpoint;
  }

  /** Delete a webhook. Its pending deliveries are dropped. */
  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') text: string): Promise<void> {
    const id = canonicalId(text);
    if (id === undefined || !(await this.webhooks.remove(id))) throw webhookNotFound();
  }

  /**
   * List the deliveries of a webhook. Newest first, each with the `webhook-id` that its receiver
   * sees.
   */
  @Get(':id/deliveries')
  async listDeliveries(
    @Param('id') id: string,
    @Query() { cursor, limit, status }: DeliveriesQuery,
  ): Promise<Page<Delivery>> {
    const { id: endpointId } = await this.find(id);
    const rows = await this.deliveries.list(endpointId, status, before(cursor), limit + 1);
    const { items, nextCursor } = toPage(rows, limit, (row) => [row.id]);
    return { items: items.map((item) => ({ ...item, id: webhookIdOf(item.id) })), nextCursor };
  }
}

function before(cursor: string | undefined): string {
  const [id] = cursor === undefined ? [newest] : decodeCursor(cursor, 'uuid');
  return id;
}

/** A text that is no id is the id of no endpoint. */
function webhookNotFound(): Problem {
  return notFound('webhook', 'no webhook has this id');
}
