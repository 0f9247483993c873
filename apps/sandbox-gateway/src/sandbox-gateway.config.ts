import { ServerConfig } from '@tradepost/service';
import { IsInt, IsNumber, IsOptional, IsUrl, Matches, Max, Min, ValidateIf } from 'class-validator';

/** Rates are shares from 0 to 1, sampled each time; at 0, the default, no fault is injected. */
export class SandboxGatewayConfig extends ServerConfig {
  override PORT = 3005;

  /** Where results are sent; without it a client has to ask for them. */
  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: 'must be a URL: http://host:port/path' },
  )
  CALLBACK_URL?: string;

  /** Callbacks are signed with it. */
  @ValidateIf(({ CALLBACK_URL }: SandboxGatewayConfig) => CALLBACK_URL !== undefined)
  @Matches(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, {
    message: 'must be whsec_ and 24 to 64 bytes in base64',
  })
  CALLBACK_SECRET?: string;

  /** Of the charges: accepted, decided later and reported by a callback. */
  @IsNumber()
  @Min(0)
  @Max(1)
  PENDING_RATE = 0;

  /** Of the callbacks: never sent. */
  @IsNumber()
  @Min(0)
  @Max(1)
  CALLBACK_LOST_RATE = 0;

  /** Of the callbacks: sent twice. */
  @IsNumber()
  @Min(0)
  @Max(1)
  CALLBACK_DUPLICATE_RATE = 0;

  /**
   * A pending charge is decided within this time, and each callback waits up to as long again: what
   * happened first may be reported last.
   */
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  CALLBACK_DELAY_MAX_MS = 500;

  /** Of the responses: a 503, one half of them before the work and one half after it. */
  @IsNumber()
  @Min(0)
  @Max(1)
  ERROR_RATE = 0;

  /** Of the responses: sent SLOW_MS after the work was done. */
  @IsNumber()
  @Min(0)
  @Max(1)
  SLOW_RATE = 0;

  @IsInt()
  @Min(0)
  @Max(60_000)
  SLOW_MS = 3_000;
}
