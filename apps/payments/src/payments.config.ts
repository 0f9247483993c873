import { IsIntBetween, IsServerUrl, IsWebhookSecret, ServiceConfig } from '@tradepost/service';
import {
  IsOptional,
  IsString,
  Length,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { hostname } from 'node:os';

const oneGateway = {
  name: 'oneGateway',
  validator: {
    validate: (value: unknown, args?: ValidationArguments) => problemOf(value, args) === undefined,
    defaultMessage: (args?: ValidationArguments) => problemOf(args?.value, args) ?? '',
  },
};

/** Nothing is chosen unasked: a sandbox that stands in for a provider takes no money. */
function problemOf(value: unknown, args?: ValidationArguments): string | undefined {
  const { GATEWAY_URL } = (args?.object ?? {}) as PaymentsConfig;
  if (value === undefined) {
    const ways = 'GATEWAY=sandbox for one that takes no real money';
    return GATEWAY_URL ? undefined : `set GATEWAY_URL to the payment gateway, or ${ways}`;
  }
  if (value !== 'sandbox') return 'must be sandbox';
  return GATEWAY_URL === undefined ? undefined : 'must not be set beside GATEWAY_URL';
}

export class PaymentsConfig extends ServiceConfig {
  override PORT = 3003;

  /** `sandbox`: no GATEWAY_URL, but a gateway in this process that takes no real money. */
  @ValidateBy(oneGateway)
  GATEWAY?: 'sandbox';

  /** The payment gateway's API. */
  @IsOptional()
  @IsServerUrl(['http', 'https'], 'http://host:port')
  GATEWAY_URL?: string;

  /** The gateway at GATEWAY_URL signs its callbacks with it. */
  @ValidateIf(({ GATEWAY_URL }: PaymentsConfig) => GATEWAY_URL !== undefined)
  @IsWebhookSecret()
  GATEWAY_CALLBACK_SECRET?: string;

  /** Calls to the gateway at the same time; four times as many wait, others are retried later. */
  @IsIntBetween(1, 10_000)
  GATEWAY_CALLS_MAX = 32;

  /** Failures in a row that open the circuit: no calls for a while. */
  @IsIntBetween(1, 10_000)
  GATEWAY_CIRCUIT_FAILURES = 10;

  /** How long the circuit stays open; then one call tests the gateway. */
  @IsIntBetween(10, 600_000)
  GATEWAY_CIRCUIT_OPEN_MS = 2_000;

  /** For a call to the gateway; one that takes longer is retried later. */
  @IsIntBetween(10, 60_000)
  GATEWAY_TIMEOUT_MS = 2_000;

  /** How long the sandbox gateway takes to answer. */
  @IsIntBetween(0, 60_000)
  SANDBOX_LATENCY_MS = 20;

  /** A payment that is unsettled for so long is checked at the gateway. */
  @IsIntBetween(100, 86_400_000)
  PAYMENT_CHECK_AFTER_MS = 60_000;

  /** A payment that is pending for longer is timed out: its charge is made void. */
  @IsIntBetween(100, 604_800_000)
  PAYMENT_DEADLINE_MS = 600_000;

  /** How often payments are checked. */
  @IsIntBetween(50, 3_600_000)
  SWEEP_EVERY_MS = 30_000;

  /** The process that made an attempt: its name in the payment's attempts. */
  @IsString()
  @Length(1, 200)
  WORKER_ID = `${hostname()}:${process.pid}`;
}
