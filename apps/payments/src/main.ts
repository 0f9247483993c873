import { runService } from '@tradepost/service';
import { PaymentsModule } from './payments.module';

void runService(PaymentsModule);
