import { ServiceConfig } from '@tradepost/service';
import { IsInt, IsString, Length, Max, Min } from 'class-validator';
import { hostname } from 'node:os';

export class PaymentsConfig extends ServiceConfig {
  override PORT = 3003;

  /** The payment gateway's answer is waited for so long, then asked for again later. */
  @IsInt()
  @Min(10)
  @Max(60_000)
  GATEWAY_TIMEOUT_MS = 2_000;

  /** How long the sandbox gateway takes to answer. */
  @IsInt()
  @Min(0)
  @Max(60_000)
  SANDBOX_LATENCY_MS = 20;

  /** Who made a charge, in the payment's attempts: tells replicas apart. */
  @IsString()
  @Length(1, 200)
  WORKER_ID = `${hostname()}:${process.pid}`;
}
