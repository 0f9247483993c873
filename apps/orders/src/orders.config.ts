import { ServiceConfig } from '@tradepost/service';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';

export class OrdersConfig extends ServiceConfig {
  override PORT = 3000;

  /** How long an order may be quoted at a price that has changed since. 0: never. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  PRICES_TTL_MS = 5_000;

  /** An unfinished order that has not changed for so long is checked. */
  @IsInt()
  @Min(100)
  @Max(604_800_000)
  ORDER_DEADLINE_MS = 900_000;

  /** How often a replica looks for such orders. */
  @IsInt()
  @Min(50)
  @Max(3_600_000)
  SWEEP_EVERY_MS = 30_000;

  /** How long a webhook waits for the endpoint's whole answer. */
  @IsInt()
  @Min(100)
  @Max(30_000)
  WEBHOOK_TIMEOUT_MS = 10_000;

  /** Whether webhooks may go to addresses that are not public: for development and tests. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE = false;

  /** Open streams of events of one replica at most. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  EVENT_STREAMS_MAX = 1_000;

  /** A stream ends after so long; its reader reconnects and goes on where it was. */
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  EVENT_STREAM_MAX_MS = 600_000;

  /** How often a stream sends a heartbeat. A reader that stalls for so long is cut off. */
  @IsInt()
  @Min(100)
  @Max(300_000)
  EVENT_HEARTBEAT_MS = 15_000;

  /** How often a replica polls the watched orders for steps that other replicas made. */
  @IsInt()
  @Min(50)
  @Max(60_000)
  EVENT_POLL_MS = 1_000;
}
