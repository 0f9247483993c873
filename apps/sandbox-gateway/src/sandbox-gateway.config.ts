import {
  IsIntBetween,
  IsRate,
  IsServerUrl,
  IsWebhookSecret,
  ServerConfig,
} from '@tradepost/service';
import { IsOptional, ValidateIf } from 'class-validator';

/** Rates are shares from 0 to 1, sampled each time; at 0, the default, no fault is injected. */
export class SandboxGatewayConfig extends ServerConfig {
  override PORT = 3005;

  /** Where results are sent; without it a client has to ask for them. */
  @IsOptional()
  @IsServerUrl(['http', 'https'], 'http://host:port/path')
  CALLBACK_URL?: string;

  /** Callbacks are signed with it. */
  @ValidateIf(({ CALLBACK_URL }: SandboxGatewayConfig) => CALLBACK_URL !== undefined)
  @IsWebhookSecret()
  CALLBACK_SECRET?: string;

  /** Of the charges: accepted, decided later and reported by a callback. */
  @IsRate()
  PENDING_RATE = 0;

  /** Of the callbacks: never sent. */
  @IsRate()
  CALLBACK_LOST_RATE = 0;

  /** Of the callbacks: sent twice. */
  @IsRate()
  CALLBACK_DUPLICATE_RATE = 0;

  /**
   * A pending charge is decided within this time, and each callback waits up to as long again: what
   * happened first may be reported last.
   */
  @IsIntBetween(0, 3_600_000)
  CALLBACK_DELAY_MAX_MS = 500;

  /** Of the responses: a 503, one half of them before the work and one half after it. */
  @IsRate()
  ERROR_RATE = 0;

  /** Of the responses: sent SLOW_MS after the work was done. */
  @IsRate()
  SLOW_RATE = 0;

  @IsIntBetween(0, 60_000)
  SLOW_MS = 3_000;
}
