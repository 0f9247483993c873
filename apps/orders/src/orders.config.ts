import { ServiceConfig } from '@tradepost/service';
import { IsInt, Max, Min } from 'class-validator';

export class OrdersConfig extends ServiceConfig {
  override PORT = 3000;

  /** For so long an order may still be quoted at a price that has changed since. 0: never. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  PRICES_TTL_MS = 5_000;
}
