import { Injectable } from '@nestjs/common';
import type { HeldCount } from '@tradepost/messaging';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { fetch } from 'undici';
import { whyOf } from '../upstream/http';
import { Services } from '../upstream/services';
import { Probe } from './probe';
import type { ServiceReport } from './report';

const reportEveryMs = 1_000;
const reportTimeoutMs = 1_500;
const healthEveryMs = 3_000;
const healthTimeoutMs = 4_000;
const lookupEveryMs = 3_000;
const lookupTimeoutMs = 2_000;

interface Readiness {
  status: 'ok' | 'failing' | 'stopping';
  checks?: Record<string, { status: string; problems?: string[] } | undefined>;
  warnings?: string[];
  figures?: { held?: Record<string, HeldCount> | null };
}

/** One process of a service, at its address. */
export interface Instance {
  service: string;
  url: string;
  report: Probe<ServiceReport>;
  health: Probe<Readiness>;
}

/** The processes of all services: every address that a service's name has. */
@Injectable()
export class Instances {
  private readonly found = new Map<string, Instance>();
  private readonly lookups: { service: string; url: string; urls: Probe<string[]> }[];
  /** Of `npm start`: workers that were added to it. */
  private added: { service: string; url: string }[] = [];

  constructor(private readonly services: Services) {
    this.lookups = services.addresses.map(({ name, url }) => ({
      service: name,
      url,
      urls: new Probe(lookupEveryMs, () => addressesOf(url)),
    }));
  }

  get all(): Instance[] {
    return [...this.found.values()];
  }

  /** Those that answer; one process once, though it may have several addresses. */
  of(service: string): Instance[] {
    const seen = new Set<string>();
    return this.all.filter((one) => {
      const { current } = one.report;
      if (one.service !== service || !isUp(one)) return false;
      const id = current?.instance ?? one.url;
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    });
  }

  /** The processes beside those of SERVICES. */
  setAdded(added: { service: string; url: string }[]): void {
    this.added = added;
  }

  async poll(): Promise<void> {
    await Promise.all(this.lookups.map(({ urls }) => urls.poll()));
    this.update();
    await Promise.all(this.all.flatMap(({ report, health }) => [report.poll(), health.poll()]));
  }

  // A name that is not found any more leaves its last addresses: they are down, not gone.
  private update(): void {
    const wanted = [
      ...this.lookups.flatMap(({ service, url, urls }) =>
        (urls.value ?? [url]).map((one) => ({ service, url: one })),
      ),
      ...this.added,
    ];
    const keys = new Set(wanted.map(({ service, url }) => `${service} ${url}`));
    for (const key of this.found.keys()) if (!keys.has(key)) this.found.delete(key);
    for (const { service, url } of wanted) {
      const key = `${service} ${url}`;
      if (!this.found.has(key)) this.found.set(key, this.instanceAt(service, url));
    }
  }

  private instanceAt(service: string, url: string): Instance {
    const report = new Probe(reportEveryMs, async () => {
      const options = { timeoutMs: reportTimeoutMs };
      const said = await this.services.askAt<Partial<ServiceReport>>(
        service,
        `${url}/ops/service`,
        options,
      );
      if (!isReport(said)) throw new Error('its report is of another version');
      return said;
    });
    return { service, url, report, health: new Probe(healthEveryMs, () => readinessAt(url)) };
  }
}

function isReport(said: Partial<ServiceReport>): said is ServiceReport {
  return Array.isArray(said.sent) && Array.isArray(said.handlers);
}

/** It answers: with its report, or, where that is not to be had, with its health. */
export function isUp({ report, health }: Instance): boolean {
  if (report.problem === undefined) return report.at > 0;
  const isSilent = / no answer in |ECONN|ENOTFOUND|EHOST|UND_ERR|other side/.test(report.problem);
  return !isSilent && health.current !== undefined;
}

/** 503 as well: a service that is not ready says why. */
async function readinessAt(url: string): Promise<Readiness> {
  try {
    const response = await fetch(`${url}/health/ready`, {
      signal: AbortSignal.timeout(healthTimeoutMs),
    });
    return (await response.json()) as Readiness;
  } catch (error) {
    throw new Error(whyOf(error, healthTimeoutMs), { cause: error });
  }
}

/** Where a name stands for several processes, as in compose, each of them. */
async function addressesOf(url: string): Promise<string[]> {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol !== 'http:' || isIP(hostname.replace(/^\[|\]$/g, '')) || hostname === 'localhost') {
    return [url];
  }
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error('no answer of the DNS')), lookupTimeoutMs).unref();
  });
  const found = await Promise.race([lookup(hostname, { all: true }), late]);
  const end = `${port === '' ? '' : `:${port}`}${pathname.replace(/\/+$/, '')}`;
  return found.map(({ address, family }) => {
    return `http://${family === 6 ? `[${address}]` : address}${end}`;
  });
}
