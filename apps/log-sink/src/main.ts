import { runService } from '@tradepost/service';
import { LogSinkModule } from './log-sink.module';

void runService(LogSinkModule);
