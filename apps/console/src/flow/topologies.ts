import { Injectable } from '@nestjs/common';
import type { DeclaredMessaging } from '@tradepost/messaging';
import { Probe } from '../live/probe';
import { Services } from '../upstream/services';

const everyMs = 10_000;
const timeoutMs = 3_000;

/** What each service declares; of one that is down, what it declared last. */
@Injectable()
export class Topologies {
  private readonly probes: { service: string; probe: Probe<DeclaredMessaging> }[];

  constructor(services: Services) {
    this.probes = services.names.map((service) => ({
      service,
      probe: new Probe(everyMs, async () => {
        const path = '/ops/topology';
        const said = await services.ask<Partial<DeclaredMessaging>>(service, path, { timeoutMs });
        if (!isDeclared(said)) throw new Error('its topology is of another version');
        return said;
      }),
    }));
  }

  get known(): DeclaredMessaging[] {
    return this.probes.flatMap(({ probe }) => (probe.value ? [probe.value] : []));
  }

  /** Those of which nothing is known, or not what holds now. */
  get missing(): { service: string; problem: string }[] {
    return this.probes.flatMap(({ service, probe }) =>
      probe.problem === undefined ? [] : [{ service, problem: probe.problem }],
    );
  }

  async poll(): Promise<void> {
    await Promise.all(this.probes.map(({ probe }) => probe.poll()));
  }

  /** Asks all of them now. */
  async refresh(): Promise<void> {
    for (const { probe } of this.probes) probe.hurry();
    await this.poll();
  }

  /** A process that is new may declare something else than the one before. */
  hurry(service: string): void {
    this.probes.find((one) => one.service === service)?.probe.hurry();
  }
}

function isDeclared(said: Partial<DeclaredMessaging>): said is DeclaredMessaging {
  const { handlers, sends, topology } = said;
  return Array.isArray(handlers) && Array.isArray(sends) && topology !== undefined;
}
