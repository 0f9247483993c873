import { runService } from '@tradepost/service';
import { FinancialModule } from './financial.module';

void runService(FinancialModule);
