import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

/** Longer than any client waits for a response. */
const silenceMs = 60_000;

/** Makes responses fail or come late, at the configured rates. A stop ends every wait. */
@Injectable()
export class FaultInjection implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(private readonly config: SandboxGatewayConfig) {
    // One listener a request that waits.
    setMaxListeners(0, this.stopping.signal);
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  /** Half of the errors come before the work, half after it; late responses come after it. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    const fails = sample(this.config.ERROR_RATE);
    if (fails && sample(0.5)) throw gatewayError();
    const response = await work();
    if (sample(this.config.SLOW_RATE)) await this.wait(this.config.SLOW_MS);
    if (fails) throw gatewayError();
    return response;
  }

  /** @throws Problem 504, when the client has long given up */
  async timeOut(): Promise<never> {
    await this.wait(silenceMs);
    throw new Problem({ status: 504, type: 'gateway-timeout', title: 'The gateway timed out' });
  }

  private async wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function gatewayError(): Problem {
  return new Problem({
    status: 503,
    type: 'gateway-error',
    title: 'The gateway failed, before its work or after it',
  });
}

/** Whether a random event of this rate happens: never at 0, always at 1. */
export function sample(rate: number): boolean {
  return Math.random() < rate;
}

/** A random time from 0 to `maxMs`. */
export function sampleMs(maxMs: number): number {
  return Math.round(Math.random() * maxMs);
}
