import { ServerConfig } from '@tradepost/service';
import { IsInt, IsNumber, IsOptional, IsUrl, Matches, Max, Min, ValidateIf } from 'class-validator';

/** Rates are shares, 0 to 1, each drawn anew each time. Without any the gateway behaves well. */
export class SandboxGatewayConfig extends ServerConfig {
  override PORT = 3005;

  /** Where results are told; without it nobody is told, and has to ask. */
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

  /** Of the charges: taken on, decided later and told by a callback. */
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
   * A pending charge is decided within this, and each callback waits for any time up to it once
   * more: what happened first may be told last.
   */
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  CALLBACK_DELAY_MAX_MS = 500;

  /** Of the answers: a 503, one half of them before the work and one half after it. */
  @IsNumber()
  @Min(0)
  @Max(1)
  ERROR_RATE = 0;

  /** Of the answers: given only after SLOW_MS, the work being done by then. */
  @IsNumber()
  @Min(0)
  @Max(1)
  SLOW_RATE = 0;

  @IsInt()
  @Min(0)
  @Max(60_000)
  SLOW_MS = 3_000;
}
