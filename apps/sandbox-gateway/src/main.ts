import { runService } from '@tradepost/service';
import { SandboxGatewayModule } from './sandbox-gateway.module';

void runService(SandboxGatewayModule);
