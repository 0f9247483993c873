import { ServiceConfig } from '@tradepost/service';

export class FinancialConfig extends ServiceConfig {
  override PORT = 3002;
}
