import { Controller, Get, Query } from '@nestjs/common';
import { decodeCursor, type Page, PageQuery, toPage } from '@tradepost/service';
import { IsIn, IsOptional } from 'class-validator';
import { type Alert, type AlertLevel, alertLevels, AlertsStore } from './alerts/alerts.store';

class AlertsQuery extends PageQuery {
  @IsOptional()
  @IsIn(alertLevels)
  level?: AlertLevel;
}

@Controller('v1/alerts')
export class AlertsController {
  constructor(private readonly alerts: AlertsStore) {}

  /** Newest first. */
  @Get()
  async list(@Query() { cursor, limit, level }: AlertsQuery): Promise<Page<Alert>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, 'time', 'string');
    const rows = await this.alerts.list(level, before, limit + 1);
    return toPage(rows, limit, ({ time, id }) => [time.toISOString(), id]);
  }
}
