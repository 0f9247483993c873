import { runService } from '@tradepost/service';
import { ProbeModule } from './probe.module';

void runService(ProbeModule);
