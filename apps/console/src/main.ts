import { runService } from '@tradepost/service';
import { ConsoleModule } from './console.module';

void runService(ConsoleModule);
