import { IsIntBetween, ServiceConfig } from '@tradepost/service';

export class FinancialConfig extends ServiceConfig {
  override PORT = 3002;

  /** How often what was booked is folded into the balances. */
  @IsIntBetween(100, 3_600_000)
  BALANCES_FOLD_EVERY_MS = 5_000;
}
