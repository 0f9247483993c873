import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { AlertsController } from './alerts.controller';
import { AlertsStore } from './alerts.store';
import { ForgetOld } from './forget-old';
import { LogSinkConfig } from './log-sink.config';
import { LogsController } from './logs.controller';
import { LogsStore } from './logs.store';
import { LogsTopic } from './logs.topic';

@Module({
  imports: [ServiceModule.forRoot({ name: 'log-sink', config: LogSinkConfig })],
  controllers: [LogsController, AlertsController],
  providers: [LogsTopic, LogsStore, AlertsStore, ForgetOld],
})
export class LogSinkModule {}
