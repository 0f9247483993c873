import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Flow } from '../api/flow';
import { BrokerView } from '../live/broker-view';
import { Instances } from '../live/instances';
import { Services } from '../upstream/services';
import { graphOf, type Graph, type SeenSending } from './graph';
import { layOut } from './lay-out';
import { Topologies } from './topologies';

/** Layouts that are remembered: a queue that comes and goes is not laid out each time. */
const layoutsMax = 8;

/** The system as a picture: what is declared, what is seen beside it, laid out once. */
@Injectable()
export class ReadFlow {
  private readonly layouts = new Map<string, Promise<Omit<Flow, 'version'>>>();

  constructor(
    private readonly services: Services,
    private readonly topologies: Topologies,
    private readonly broker: BrokerView,
    private readonly instances: Instances,
  ) {}

  /** As it is known now. */
  get graph(): Graph {
    const queues = this.broker.queues.value?.map(({ name }) => name).sort();
    return graphOf(this.services.names, this.topologies.known, queues, this.seen());
  }

  async read(): Promise<Flow> {
    // Nobody looks yet: nothing is known.
    if (this.topologies.known.length < this.services.names.length) {
      await Promise.all([this.topologies.poll(), this.broker.poll()]);
    }
    const { graph } = this;
    const version = versionOf(graph);
    const laidOut = this.layouts.get(version) ?? this.keep(version, layOut(graph));
    return { version, ...(await laidOut) };
  }

  private keep(version: string, laying: Promise<Omit<Flow, 'version'>>) {
    this.layouts.set(version, laying);
    const [oldest] = this.layouts.keys();
    if (this.layouts.size > layoutsMax && oldest !== undefined) this.layouts.delete(oldest);
    laying.catch(() => this.layouts.delete(version));
    return laying;
  }

  private seen(): SeenSending[] {
    const all = this.instances.all.flatMap(({ service, report }) =>
      (report.value?.sent ?? []).map(({ exchange, routingKey, contract }) => {
        return { service, exchange, queue: exchange === '' ? routingKey : '', contract };
      }),
    );
    const key = ({ service, exchange, queue }: SeenSending) => `${service} ${exchange} ${queue}`;
    return all.sort((a, b) => key(a).localeCompare(key(b)));
  }
}

export function versionOf(graph: Graph): string {
  return createHash('sha256').update(JSON.stringify(graph)).digest('hex').slice(0, 12);
}
