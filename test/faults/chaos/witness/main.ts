import { runService } from '@tradepost/service';
import { WitnessModule } from './witness.module';

void runService(WitnessModule);
