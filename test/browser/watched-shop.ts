import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser, findBrowser } from '../../dev/browser';
import { LinkedStart } from '../../dev/start/linked-start';
import type { State } from '../../ops/shop/state';
import { environment } from '../kit/environment';
import { TestBroker } from '@tradepost/messaging/testing';
import type { Browser } from 'playwright-core';
import { fetch } from 'undici';

/** All that `npm start` runs, on a virtual host of its own, and a browser before it. */
export class WatchedShop {
  private constructor(
    readonly browser: Browser,
    readonly broker: TestBroker,
    private readonly folder: string,
    private readonly checkout: LinkedStart,
    readonly state: State,
  ) {}

  /** @throws when the machine has no Chromium: `npm run test:browser` needs one */
  static async open(): Promise<WatchedShop> {
    const program = findBrowser();
    if (program === undefined) {
      throw new Error('no Chromium or Chrome on the PATH: install one, or name it by CHROMIUM');
    }
    const folder = await mkdtemp(join(tmpdir(), 'tradepost-browser-'));
    const broker = await TestBroker.create();
    const env = {
      ...process.env,
      AMQP_URL: broker.amqpUrl,
      POSTGRES_URL: environment().postgresUrl,
    };
    const checkout = await LinkedStart.create(join(folder, 'checkout'), env);
    try {
      const [state, browser] = await Promise.all([checkout.start(), openBrowser(program)]);
      return new WatchedShop(browser, broker, folder, checkout, state);
    } catch (error) {
      await checkout.stop();
      throw error;
    }
  }

  get url(): string {
    return this.state.console?.url ?? '';
  }

  /** Asks a service of the shop. */
  async get<T>(service: 'orders' | 'payments', path: string): Promise<T> {
    const url = this.state.services?.[service]?.url;
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as T;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.checkout.stop();
    await this.broker.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
