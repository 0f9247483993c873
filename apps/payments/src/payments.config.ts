import { ServiceConfig } from '@tradepost/service';
import {
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Matches,
  Max,
  Min,
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
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: 'must be a URL: http://host:port' },
  )
  GATEWAY_URL?: string;

  /** The gateway at GATEWAY_URL signs its callbacks with it. */
  @ValidateIf(({ GATEWAY_URL }: PaymentsConfig) => GATEWAY_URL !== undefined)
  @Matches(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, {
    message: 'must be whsec_ and 24 to 64 bytes in base64',
  })
  GATEWAY_CALLBACK_SECRET?: string;

  /** Calls to the gateway at the same time; twice as many wait, the others are retried later. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  GATEWAY_CALLS_MAX = 32;

  /** Failures in a row that open the circuit: no calls for a while. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  GATEWAY_CIRCUIT_FAILURES = 10;

  /** How long the circuit stays open; then one call tests the gateway. */
  @IsInt()
  @Min(10)
  @Max(600_000)
  GATEWAY_CIRCUIT_OPEN_MS = 2_000;

  /** For a call to the gateway; one that takes longer is retried later. */
  @IsInt()
  @Min(10)
  @Max(60_000)
  GATEWAY_TIMEOUT_MS = 2_000;

  /** How long the sandbox gateway takes to answer. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  SANDBOX_LATENCY_MS = 20;

  /** A payment that is unsettled for so long is checked at the gateway. */
  @IsInt()
  @Min(100)
  @Max(86_400_000)
  PAYMENT_CHECK_AFTER_MS = 60_000;

  /** A payment that is pending for longer is timed out: its charge is made void. */
  @IsInt()
  @Min(100)
  @Max(604_800_000)
  PAYMENT_DEADLINE_MS = 600_000;

  /** How often payments are checked. */
  @IsInt()
  @Min(50)
  @Max(3_600_000)
  SWEEP_EVERY_MS = 30_000;

  /** The process that made an attempt: its name in the payment's attempts. */
  @IsString()
  @Length(1, 200)
  WORKER_ID = `${hostname()}:${process.pid}`;
}
