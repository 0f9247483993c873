import { runService, ServiceConfig } from '@tradepost/service';
import { WitnessModule } from './witness.module';

void runService(WitnessModule, { name: 'witness', config: ServiceConfig });
