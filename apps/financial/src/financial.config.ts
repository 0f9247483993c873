import { ServiceConfig } from '@tradepost/service';
import { IsInt, Max, Min } from 'class-validator';

export class FinancialConfig extends ServiceConfig {
  override PORT = 3002;

  /** How often what was booked is folded into the balances. */
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  BALANCES_FOLD_EVERY_MS = 5_000;
}
