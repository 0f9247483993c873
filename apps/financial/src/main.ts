import { runService } from '@tradepost/service';
import { FinancialConfig } from './financial.config';
import { FinancialModule } from './financial.module';

void runService(FinancialModule, { name: 'financial', config: FinancialConfig });
