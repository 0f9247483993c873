import { runService } from '@tradepost/service';
import { SandboxGatewayConfig } from './sandbox-gateway.config';
import { SandboxGatewayModule } from './sandbox-gateway.module';

void runService(SandboxGatewayModule, {
  name: 'sandbox-gateway',
  config: SandboxGatewayConfig,
  broker: false,
});
