import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { logLevels, type LogLevel } from '@tradepost/contracts';

const logFormats = ['json', 'text'] as const;

/**
 * What every service reads from its environment: a property is the variable of the same name, its
 * initial value is the default. A service adds its own variables by extending this class.
 */
export class ServiceConfig {
  /** 0 takes any free port. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 3000;

  @IsString()
  HOST = '0.0.0.0';

  @IsUrl(
    { protocols: ['amqp', 'amqps'], require_protocol: true, require_tld: false },
    { message: 'must be a URL: amqp://user:password@host:port' },
  )
  AMQP_URL = 'amqp://guest:guest@127.0.0.1:5672';

  /** This service's own database, with its own role. */
  @IsUrl(
    { protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false },
    { message: 'must be a URL: postgres://role:password@host:port/database' },
  )
  POSTGRES_URL!: string;

  @IsInt()
  @Min(1)
  @Max(200)
  POSTGRES_POOL_MAX = 10;

  /** Messages that one handler of one replica may hold unacknowledged. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  PREFETCH = 32;

  /** A consumer with no sign of itself for so long has to prove that the broker has it. */
  @IsInt()
  @Min(500)
  @Max(600_000)
  CONSUMER_CHECK_MS = 10_000;

  /** A handler that has had one message for longer makes the service unready. */
  @IsInt()
  @Min(100)
  @Max(86_400_000)
  MESSAGE_HELD_MAX_MS = 60_000;

  @IsIn(logLevels)
  LOG_LEVEL: LogLevel = 'info';

  @IsIn(logFormats)
  LOG_FORMAT: (typeof logFormats)[number] = 'json';

  /** Lines a second that go to the topic `logs`; the console gets all of them. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  LOG_TOPIC_PER_SECOND_MAX = 500;

  /** Anything but nothing: no colours in text logs (https://no-color.org). */
  @IsOptional()
  @IsString()
  NO_COLOR?: string;

  /** Whoever has it may look into and move dead letters; without it nobody may. */
  @IsOptional()
  @Length(16, 200)
  @Matches(/^\S+$/)
  OPS_TOKEN?: string;

  /** A service that has not finished its work in hand by then ends anyway. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  SHUTDOWN_TIMEOUT_MS = 8_000;
}
