import { runService } from '@tradepost/service';
import { PaymentsConfig } from './payments.config';
import { PaymentsModule } from './payments.module';

void runService(PaymentsModule, { name: 'payments', config: PaymentsConfig });
