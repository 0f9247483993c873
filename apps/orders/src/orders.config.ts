import { EventStreamConfig, IsIntBetween } from '@tradepost/service';
import { IsBoolean } from 'class-validator';

export class OrdersConfig extends EventStreamConfig {
  override PORT = 3000;

  /** How long an order may be quoted at a price that has changed since. 0: never. */
  @IsIntBetween(0, 60_000)
  PRICES_TTL_MS = 5_000;

  /** An unfinished order that has not changed for so long is checked. */
  @IsIntBetween(100, 604_800_000)
  ORDER_DEADLINE_MS = 900_000;

  /** How often a replica looks for such orders. */
  @IsIntBetween(50, 3_600_000)
  SWEEP_EVERY_MS = 30_000;

  /** How long a webhook waits for the endpoint's whole answer. */
  @IsIntBetween(100, 30_000)
  WEBHOOK_TIMEOUT_MS = 10_000;

  /** Whether webhooks may go to addresses that are not public: for development and tests. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE = false;
}
