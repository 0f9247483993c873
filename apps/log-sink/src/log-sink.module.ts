import { Module } from '@nestjs/common';
import { NotifyAlert } from '@tradepost/contracts';
import { OwnFigures, ServiceModule } from '@tradepost/service';
import { AlertRulesController } from './alert-rules.controller';
import { AlertRulesStore } from './alerts/alert-rules.store';
import { AlertsController } from './alerts.controller';
import { AlertsStore } from './alerts/alerts.store';
import { ArrivalsStore } from './entries/arrivals.store';
import { ExportLogs } from './entries/export-logs';
import { ForgetOld } from './forget-old';
import { LogSinkConfig } from './log-sink.config';
import { LogsController } from './logs.controller';
import { LogsStore } from './entries/logs.store';
import { LogsTopic } from './logs.topic';
import { NotifyAlertWork } from './notify-alert.work';
import { NotifyOfAlert } from './alerts/notify-of-alert';
import { RaiseAlerts } from './alerts/raise-alerts';
import { MissingLines } from './entries/missing-lines';
import { StoreEntries } from './entries/store-entries';
import { TailStore } from './tail/tail.store';
import { TailStreams } from './tail/tail-streams';
import { TailWatch } from './tail/tail-watch';

@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'log-sink',
      about: 'Keeps what services log, and tells of what is critical.',
      api: 'docs/API.md#logs-and-alerts',
      config: LogSinkConfig,
      sends: [NotifyAlert],
    }),
  ],
  controllers: [LogsController, AlertsController, AlertRulesController],
  providers: [
    ...[LogsTopic, StoreEntries, LogsStore, ArrivalsStore, ExportLogs, ForgetOld],
    ...[MissingLines, { provide: OwnFigures, useExisting: MissingLines }],
    ...[TailStore, TailWatch, TailStreams],
    ...[RaiseAlerts, AlertsStore, AlertRulesStore, NotifyAlertWork, NotifyOfAlert],
  ],
})
export class LogSinkModule {}
