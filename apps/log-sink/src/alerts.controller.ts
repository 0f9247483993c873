import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { canonicalId } from '@tradepost/messaging';
import { decodeCursor, notFound, type Page, Scope, toPage } from '@tradepost/service';
import { AcknowledgeRequest, AlertsQuery } from './alerts/alert-request';
import { type Alert, AlertsStore } from './alerts/alerts.store';

@Controller('v1/alerts')
@Scope('logs:read')
export class AlertsController {
  constructor(private readonly alerts: AlertsStore) {}

  /** List alerts. Those of the newest window first. */
  @Get()
  async list(@Query() { cursor, limit, level, acknowledged }: AlertsQuery): Promise<Page<Alert>> {
    const [before] = cursor === undefined ? [] : decodeCursor(cursor, 'uuid');
    const filter = { level, acknowledged: acknowledged && acknowledged === 'true' };
    const rows = await this.alerts.list(filter, before, limit + 1);
    return toPage(rows, limit, ({ id }) => [id]);
  }

  /**
   * Acknowledge an alert. Somebody has seen it, and does what is to be done. The first one stands.
   */
  @Post(':id/acknowledge')
  @Scope('ops')
  @HttpCode(200)
  async acknowledge(
    @Param('id') text: string,
    @Body() { by, note }: AcknowledgeRequest,
  ): Promise<Alert> {
    const id = canonicalId(text);
    const alert = id && (await this.alerts.acknowledge(id, by, note ?? null));
    if (!alert) throw notFound('alert', 'no alert has this id');
    return alert;
  }
}
