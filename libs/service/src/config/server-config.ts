import { IsIn, IsOptional, IsString } from 'class-validator';
import { IsIntBetween, IsPostgresUrl } from './rules';
import { logLevels, type LogLevel } from '@tradepost/contracts';

const logFormats = ['json', 'text'] as const;

/**
 * What every server reads from its environment, with a broker or without: a property is the
 * variable of the same name, its initial value is the default.
 */
export class ServerConfig {
  /** 0 takes any free port. */
  @IsIntBetween(0, 65_535)
  PORT = 3000;

  @IsString()
  HOST = '0.0.0.0';

  /** This server's own database, with its own role. */
  @IsPostgresUrl()
  POSTGRES_URL!: string;

  /** POSTGRES_URL is that of PgBouncer or its like. */
  @IsOptional()
  @IsIn(['transaction'])
  POSTGRES_POOLER?: 'transaction';

  @IsIntBetween(1, 200)
  POSTGRES_POOL_MAX = 10;

  @IsIn(logLevels)
  LOG_LEVEL: LogLevel = 'info';

  @IsIn(logFormats)
  LOG_FORMAT: (typeof logFormats)[number] = 'json';

  /** Any text: no colours in text logs (https://no-color.org). */
  @IsOptional()
  @IsString()
  NO_COLOR?: string;

  /** After the signal to stop: unready, it serves on for so long. For load balancers. */
  @IsIntBetween(0, 600_000)
  SHUTDOWN_DELAY_MS = 0;

  /** A server that has not finished its running work by then exits anyway. After the delay. */
  @IsIntBetween(100, 600_000)
  SHUTDOWN_TIMEOUT_MS = 8_000;
}
