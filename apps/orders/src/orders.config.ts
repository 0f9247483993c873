import { ServiceConfig } from '@tradepost/service';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';

export class OrdersConfig extends ServiceConfig {
  override PORT = 3000;

  /** For so long an order may still be quoted at a price that has changed since. 0: never. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  PRICES_TTL_MS = 5_000;

  /** An order that has not changed for so long, and has not come to its end, is looked into. */
  @IsInt()
  @Min(100)
  @Max(604_800_000)
  ORDER_DEADLINE_MS = 900_000;

  /** How often it is looked for such orders. */
  @IsInt()
  @Min(50)
  @Max(3_600_000)
  SWEEP_EVERY_MS = 30_000;

  /** An endpoint's answer to a webhook, all of it, is waited for so long. */
  @IsInt()
  @Min(100)
  @Max(30_000)
  WEBHOOK_TIMEOUT_MS = 10_000;

  /** Whether webhooks may go to addresses that are not public: for development and tests. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE = false;

  /** Streams of events that one replica has open at most. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  EVENT_STREAMS_MAX = 1_000;

  /** A stream ends after so long; its reader comes again and goes on where it was. */
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  EVENT_STREAM_MAX_MS = 600_000;

  /** So often a stream says that it is there. A reader who has not read for so long is cut off. */
  @IsInt()
  @Min(100)
  @Max(300_000)
  EVENT_HEARTBEAT_MS = 15_000;

  /** So often a replica looks for what others have done to the orders that are watched. */
  @IsInt()
  @Min(50)
  @Max(60_000)
  EVENT_POLL_MS = 1_000;
}
