import { IsIntBetween } from './rules';
import { ServiceConfig } from './service-config';

/** What a service with streams of events reads beside the rest. */
export class EventStreamConfig extends ServiceConfig {
  /** Open streams of events of one replica at most. */
  @IsIntBetween(0, 100_000)
  EVENT_STREAMS_MAX = 1_000;

  /** A stream ends after so long; its reader reconnects and goes on where it was. */
  @IsIntBetween(1_000, 86_400_000)
  EVENT_STREAM_MAX_MS = 600_000;

  /** How often a stream sends a heartbeat. A reader that stalls for so long is cut off. */
  @IsIntBetween(100, 300_000)
  EVENT_HEARTBEAT_MS = 15_000;

  /** How often a replica polls for what its streams wait for and other replicas did. */
  @IsIntBetween(50, 60_000)
  EVENT_POLL_MS = 1_000;
}
