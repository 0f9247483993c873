import { Injectable, Logger } from '@nestjs/common';
import {
  advise,
  Apply,
  BrokerApi,
  isForbidden,
  type Difference,
  planTopology,
  topologyOfServices,
  type Topology,
  unhandledAmong,
} from '@tradepost/messaging';
import { Problem } from '@tradepost/service';
import type { TopologyApplied, TopologyDifference, TopologyReport } from '../api/topology';
import { ConsoleConfig } from '../console.config';
import { Topologies } from '../flow/topologies';
import { Note } from '../operations/note';
import { Services } from '../upstream/services';

const applyTimeoutMs = 30_000;

/** What the services declare, against what the broker has. */
@Injectable()
export class ReadTopology {
  private readonly log = new Logger(ReadTopology.name);
  private applying?: Promise<TopologyApplied>;

  constructor(
    private readonly config: ConsoleConfig,
    private readonly services: Services,
    private readonly topologies: Topologies,
    private readonly note: Note,
  ) {}

  async report(): Promise<TopologyReport> {
    const { desired, unknown } = await this.desired();
    const { AMQP_URL: amqpUrl, AMQP_MANAGEMENT_URL: managementUrl } = this.config;
    const { differences, unchecked } = await brokerSays(
      planTopology(desired, { amqpUrl, managementUrl }),
    );
    return {
      at: Date.now(),
      // Of a service that says nothing everything would be too much.
      differences: shown(differences).filter(({ sign }) => unknown.length === 0 || sign !== '-'),
      unchecked: [...unknown, ...unchecked],
      ...(await this.lint(desired)),
    };
  }

  /** Makes what is missing, and touches nothing that is there. One at a time. */
  async apply(by: string): Promise<TopologyApplied> {
    this.applying ??= this.applyNow(by).finally(() => (this.applying = undefined));
    return this.applying;
  }

  private async applyNow(by: string): Promise<TopologyApplied> {
    const { desired } = await this.desired();
    const did: string[] = [];
    const { AMQP_URL: amqpUrl } = this.config;
    const signal = AbortSignal.timeout(applyTimeoutMs);
    const report = (line: string) => void did.push(line);
    const options = { amqpUrl, api: this.api(), desired, report, signal, createOnly: true };
    try {
      const left = shown(await new Apply(options).run());
      const text = did.length === 0 ? 'nothing was missing' : did.join('; ');
      this.note.say({ operation: 'apply topology', by, outcome: 'done', text });
      return { did, left };
    } catch (error) {
      const outcome = `failed after ${did.length} steps`;
      const text = [...did, String(error)].join('; ');
      this.note.say({ operation: 'apply topology', by, outcome, text });
      throw isForbidden(error) ? forbidden() : brokerFailed(error, did);
    }
  }

  private async desired(): Promise<{ desired: Topology; unknown: string[] }> {
    await this.topologies.refresh();
    const { known, missing } = this.topologies;
    const silent = this.services.names.filter((name) => !known.some((one) => one.service === name));
    const unknown = silent.map((name) => {
      const why = missing.find(({ service }) => service === name)?.problem ?? 'no answer';
      return `${name} does not say what it declares: ${why}`;
    });
    return { desired: topologyOfServices(known), unknown };
  }

  private async lint(desired: Topology): Promise<Pick<TopologyReport, 'advice' | 'broker'>> {
    if (this.config.AMQP_MANAGEMENT_URL === undefined) {
      return { advice: [], broker: { alarms: [] } };
    }
    const facts = await brokerSays(this.api().facts());
    const handlers = this.topologies.known.flatMap((one) => one.handlers);
    const wirings = handlers.map(({ name, pattern: kind, queue }) => {
      return { name, kind, queue, bindings: [], retry: [] };
    });
    const advice = advise(facts, { topology: desired, wirings, contracts: [] });
    const unhandled = unhandledAmong(this.topologies.known).map((text) => {
      return { level: 'warning' as const, code: 'unhandled-contract', text };
    });
    return {
      advice: [...advice, ...unhandled],
      broker: { version: facts.version, alarms: [] },
    };
  }

  private api(): BrokerApi {
    const { AMQP_URL, AMQP_MANAGEMENT_URL } = this.config;
    if (AMQP_MANAGEMENT_URL !== undefined) return new BrokerApi(AMQP_MANAGEMENT_URL, AMQP_URL);
    this.log.warn('no management API', { variable: 'AMQP_MANAGEMENT_URL' });
    throw brokerFailed(new Error('AMQP_MANAGEMENT_URL is not set'));
  }
}

async function brokerSays<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw brokerFailed(error);
  }
}

/** @param did what was done before, and stays done */
function brokerFailed(error: unknown, did: string[] = []): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return new Problem({
    status: 503,
    type: 'broker-does-not-answer',
    title: 'The broker does not answer as it should',
    detail: [...did, why].join('; '),
  });
}

/** The console's user is to look, and to change nothing. */
function forbidden(): Problem {
  return new Problem({
    status: 403,
    type: 'broker-permission',
    title: 'The user of the console may not change the broker',
    detail: 'Run `npm run topology -- apply` as an administrator of the broker.',
  });
}

const remedies: Record<Difference['remedy'], string> = {
  create: 'apply creates it',
  replace: '`npm run topology -- apply` moves its messages aside, creates it anew and returns them',
  'return-messages': '`npm run topology -- apply` returns them',
  prune: '`npm run topology -- apply --prune` removes it, if it is empty and unused',
  'by-hand': 'needs a person',
};

// What is made at its first use is no difference yet.
function shown(differences: readonly Difference[]): TopologyDifference[] {
  return differences
    .filter(({ kind }) => kind !== 'later')
    .map(({ kind, what, name, reason, remedy }) => ({
      sign: kind === 'missing' ? '+' : kind === 'different' ? '~' : '-',
      what,
      name,
      reason,
      remedy: remedies[remedy],
      safe: remedy === 'create',
    }));
}
