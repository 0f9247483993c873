import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { AlertsController } from './alerts.controller';
import { AlertsStore } from './alerts/alerts.store';
import { ForgetOld } from './forget-old';
import { LogSinkConfig } from './log-sink.config';
import { LogsController } from './logs.controller';
import { LogsStore } from './entries/logs.store';
import { LogsTopic } from './logs.topic';
import { TailStreams } from './tail/tail-streams';
import { TailWatch } from './tail/tail-watch';
import { TailStore } from './tail/tail.store';

@Module({
  imports: [ServiceModule.forRoot({ name: 'log-sink', config: LogSinkConfig })],
  controllers: [LogsController, AlertsController],
  providers: [LogsTopic, LogsStore, AlertsStore, TailStore, TailWatch, TailStreams, ForgetOld],
})
export class LogSinkModule {}
