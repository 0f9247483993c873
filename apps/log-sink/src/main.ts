import { runService } from '@tradepost/service';
import { LogSinkConfig } from './log-sink.config';
import { LogSinkModule } from './log-sink.module';

void runService(LogSinkModule, { name: 'log-sink', config: LogSinkConfig });
