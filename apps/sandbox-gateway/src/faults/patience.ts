import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits that end when the server stops: whoever is kept waiting must not keep it from stopping. */
@Injectable()
export class Patience implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor() {
    // One listener a request that waits.
    setMaxListeners(0, this.stopping.signal);
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  async wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
