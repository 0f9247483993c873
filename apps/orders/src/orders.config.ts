import { IsIntBetween, ServiceConfig } from '@tradepost/service';
import { IsBoolean } from 'class-validator';

export class OrdersConfig extends ServiceConfig {
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

  /** Open streams of events of one replica at most. */
  @IsIntBetween(0, 100_000)
  EVENT_STREAMS_MAX = 1_000;

  /** A stream ends after so long; its reader reconnects and goes on where it was. */
  @IsIntBetween(1_000, 86_400_000)
  EVENT_STREAM_MAX_MS = 600_000;

  /** How often a stream sends a heartbeat. A reader that stalls for so long is cut off. */
  @IsIntBetween(100, 300_000)
  EVENT_HEARTBEAT_MS = 15_000;

  /** How often a replica polls the watched orders for steps that other replicas made. */
  @IsIntBetween(50, 60_000)
  EVENT_POLL_MS = 1_000;
}
