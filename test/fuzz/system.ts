import {
  eventually,
  Replicas,
  Shop,
  WebhookReceiver,
  type ServiceProcess,
} from '@tradepost/test-kit';
import { fetch } from 'undici';
import { gateway, services, type AppName } from '../../apps/services';
import { finding, type Finding } from './finding';
import { Callers } from './http/callers';
import { probed } from './memory';

export interface Place {
  /** A virtual host that is used by nothing else. */
  amqpUrl: string;
  /** That of the tests' broker unless given. */
  managementUrl?: string;
  postgresUrl: string;
}

const readyWithinMs = 120_000;
const answerMs = 20_000;
const patienceMs = 30_000;
const crashLines = 30;

/** Of every service; what is beyond its own is not read. */
const settings = {
  ...probed,
  // What is registered leads to the fuzzer itself.
  WEBHOOKS_ALLOW_PRIVATE: 'true',
  // The lines about what is refused are not what is tried here.
  LOG_TOPIC_PER_SECOND_MAX: '50',
  // All comes from one place.
  RATE_LIMIT_PER_MINUTE: '1000000',
};

/** All services as processes, and the payment provider's side. */
export class System {
  readonly crashes: Finding[] = [];
  private closing = false;

  private constructor(
    private readonly shop: Shop,
    private readonly provider: Replicas,
    readonly receiver: WebhookReceiver,
    readonly callers: Callers,
  ) {
    for (const one of this.processes) one.onCrash = () => this.noteCrash(one);
  }

  static async start(place: Place): Promise<System> {
    const callers = await Callers.open();
    const env = { ...settings, ...callers.settings };
    const shop = await Shop.start({ ...place, env, readyWithinMs });
    const provider = await Replicas.create({
      app: gateway,
      postgresUrl: place.postgresUrl,
      count: 1,
      env,
    });
    await provider.start({ readyWithinMs });
    return new System(shop, provider, await WebhookReceiver.start(), callers);
  }

  get processes(): ServiceProcess[] {
    return [...services.flatMap((name) => this.shop.replicas(name)), ...this.provider.all];
  }

  url(app: AppName): string {
    const found = this.processes.find((one) => one.app === app);
    if (!found) throw new Error(`${app} is not part of the system`);
    return found.url;
  }

  /** As an operator; again, while it is started anew. @throws when it is refused for long */
  async call<T>(app: AppName, path: string, body?: object): Promise<T> {
    return eventually(async () => this.ask<T>(app, path, body), { withinMs: patienceMs });
  }

  /** What Node warned of: a leak of listeners, a promise that was handled late. */
  warnings(): Finding[] {
    return this.processes.flatMap(({ name, warnings }) =>
      warnings.map((warning) => finding(name, 'no-warning', warning)),
    );
  }

  async stop(): Promise<void> {
    this.closing = true;
    await Promise.allSettled([this.shop.stop(), this.provider.close(), this.receiver.stop()]);
    await Promise.all([this.provider.database.drop(), this.callers.close()]);
  }

  private async ask<T>(app: AppName, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url(app)}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...this.callers.operator(), 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${app} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** And starts it again, as any supervisor does. */
  private noteCrash(crashed: ServiceProcess): void {
    if (this.closing) return;
    const { name, lines } = crashed;
    this.crashes.push(finding(name, 'no-crash', lines.slice(-crashLines).join('\n')));
    crashed.start();
  }
}
