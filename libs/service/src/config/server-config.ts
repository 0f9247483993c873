import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, ValidateIf } from 'class-validator';
import { IsIntBetween, IsPostgresUrl, IsServerUrl } from './rules';
import { logLevels, type LogLevel } from '@tradepost/contracts';

const logFormats = ['json', 'text'] as const;
const authWanted =
  'must be jwt, with AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE, or none: that lets everyone in';

/** How many, or addresses and networks. */
const address = String.raw`[\da-fA-F]*[.:][\da-fA-F.:]*(/\d{1,3})?`;
const proxies = new RegExp(`^([1-9]|10|${address}(,${address})*)$`);

const ForTokens = () => ValidateIf(({ AUTH }: ServerConfig) => AUTH === 'jwt');

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

  /** Who is let in: whose token is good, or everyone. Nobody is by default. */
  @IsIn(['none', 'jwt'], { message: authWanted })
  AUTH!: 'none' | 'jwt';

  /** Where the issuer's public keys are. */
  @ForTokens()
  @IsServerUrl(['http', 'https'], 'https://host/keys')
  AUTH_JWKS_URL!: string;

  /** What a token's `iss` must be. */
  @ForTokens()
  @IsNotEmpty()
  AUTH_ISSUER!: string;

  /** What a token's `aud` must be, or hold. */
  @ForTokens()
  @IsNotEmpty()
  AUTH_AUDIENCE!: string;

  /** By how much the issuer's clock and this one may differ. */
  @IsIntBetween(0, 300)
  AUTH_CLOCK_SKEW_S = 10;

  /** A token with an unknown key has the keys read again, at most once in this time. */
  @IsIntBetween(1, 3_600)
  AUTH_JWKS_INTERVAL_S = 30;

  /** Requests of one caller to one route in a minute; 600 with AUTH=jwt, else without a limit. */
  @IsOptional()
  @IsIntBetween(1, 1_000_000)
  RATE_LIMIT_PER_MINUTE?: number;

  /** Open connections at most. */
  @IsIntBetween(1, 100_000)
  HTTP_CONNECTIONS_MAX = 4_000;

  /** Whose pages a browser may let ask: `https://shop.example`, by commas. */
  @IsOptional()
  @Matches(/^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/, {
    message: 'must be origins, by commas: https://shop.example,https://admin.example',
  })
  CORS_ORIGINS?: string;

  /** Whose X-Forwarded-For counts: how many proxies there are, or their addresses, by commas. */
  @IsOptional()
  @Matches(proxies, {
    message: 'must be how many proxies there are, 1 to 10, or addresses: 10.0.0.0/8,fd00::/8',
  })
  TRUST_PROXY?: string;

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
