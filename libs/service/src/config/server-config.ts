import { IsIn, IsInt, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';
import { logLevels, type LogLevel } from '@tradepost/contracts';

const logFormats = ['json', 'text'] as const;

/**
 * What every server reads from its environment, with a broker or without: a property is the
 * variable of the same name, its initial value is the default.
 */
export class ServerConfig {
  /** 0 takes any free port. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 3000;

  @IsString()
  HOST = '0.0.0.0';

  /** This server's own database, with its own role. */
  @IsUrl(
    { protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false },
    { message: 'must be a URL: postgres://role:password@host:port/database' },
  )
  POSTGRES_URL!: string;

  @IsInt()
  @Min(1)
  @Max(200)
  POSTGRES_POOL_MAX = 10;

  @IsIn(logLevels)
  LOG_LEVEL: LogLevel = 'info';

  @IsIn(logFormats)
  LOG_FORMAT: (typeof logFormats)[number] = 'json';

  /** Any text: no colours in text logs (https://no-color.org). */
  @IsOptional()
  @IsString()
  NO_COLOR?: string;

  /** A server that has not finished its running work by then exits anyway. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  SHUTDOWN_TIMEOUT_MS = 8_000;
}
