import { randomBytes } from 'node:crypto';
import { eventually } from '@tradepost/messaging/testing';
import { ClusterWires } from './cluster-wires';
import { freePorts } from './ports';
import { runningNodes } from './ready';
import type { NodePlace } from './rabbitmq-settings';
import { credentials } from './settings';
import { TcpTap } from './tcp-tap';
import type { Broker } from './types';

const size = 3;
/** Clean, with all that it has to hand over. */
const haltMs = 30_000;
const answersMs = 60_000;

/** Erlang's default is 60 s: how long nodes of a cluster take to see that another is silent. */
const tickSeconds = 10;

/** A node as it runs: on this machine, or in a container. */
export interface ClusterNode extends Broker {
  halt(withinMs?: number): Promise<void>;
  /** @param tool that comes with the server: `rabbitmq-queues` */
  run(tool: string, ...args: string[]): Promise<string>;
  /** Of a node that is down: its data, as of a new machine. */
  empty(): Promise<void>;
}

/** Makes a node, and does not start it. */
export type MakeNode = (place: NodePlace) => Promise<ClusterNode>;

/** One of the nodes, which can be taken from the others in any way that a machine can. */
export class Member implements Broker {
  /** Nobody is led to it. */
  isAway = true;

  constructor(
    readonly place: NodePlace,
    private readonly node: ClusterNode,
    private readonly cluster: Pick<Cluster, 'leadOthers' | 'wires' | 'survivor'>,
  ) {}

  get name(): string {
    return this.place.name;
  }

  get url(): string {
    return this.node.url;
  }

  get managementUrl(): string {
    return this.node.managementUrl;
  }

  get metricsUrl(): string | undefined {
    return this.node.metricsUrl;
  }

  get version(): string | undefined {
    return this.node.version;
  }

  get how(): string {
    return this.node.how;
  }

  async halt(): Promise<void> {
    this.goes();
    await this.node.halt(haltMs);
  }

  async kill(): Promise<void> {
    this.goes();
    await this.node.kill();
  }

  async resume(signal?: AbortSignal): Promise<void> {
    await this.node.resume(signal);
    this.isAway = false;
  }

  async freeze(): Promise<void> {
    this.goes();
    await this.node.freeze();
  }

  async thaw(): Promise<void> {
    await this.node.thaw();
    await this.answers();
  }

  /** The others do not hear it any more, nor it them; clients still reach all. */
  cutOff(): void {
    this.goes();
    this.cluster.wires.cutOff(this.place);
  }

  /** Resolves when all nodes run as one again. */
  async rejoin(): Promise<void> {
    this.cluster.wires.rejoin(this.place);
    await this.answers();
  }

  /** Of one that is down: a new machine in its place, which takes a replica of each queue. */
  async startEmpty(): Promise<void> {
    const other = this.cluster.survivor;
    await other.control('forget_cluster_node', this.name);
    await this.node.empty();
    await this.resume();
    await this.join(other);
    await this.takeReplicas(other);
  }

  /** An empty node finds the others when it starts; on a busy machine not always in time. */
  async join(other: Member): Promise<void> {
    const sees = async () => (await runningNodes(this.managementUrl)).includes(other.name);
    if (await sees()) return;
    for (const [step, ...more] of [['stop_app'], ['reset'], ['join_cluster', other.name]]) {
      await this.node.control(step as string, ...more);
    }
    await this.node.control('start_app');
    const joined = async () => {
      if (!(await sees())) throw new Error(`it does not see ${other.name}`);
    };
    const bound = { withinMs: answersMs, everyMs: 1_000 };
    await eventually(joined, { what: `${this.name} joins`, ...bound });
  }

  async control(...args: string[]): Promise<string> {
    return this.node.control(...args);
  }

  async run(tool: string, ...args: string[]): Promise<string> {
    return this.node.run(tool, ...args);
  }

  async stop(): Promise<void> {
    await this.node.stop();
  }

  private goes(): void {
    this.isAway = true;
    this.cluster.leadOthers();
  }

  /** It sees all nodes. */
  private async answers(): Promise<void> {
    const check = async () => {
      const seen = await runningNodes(this.managementUrl);
      if (seen.length < size) throw new Error(`it sees ${seen.join(', ')} alone`);
    };
    // Not all the time: it is busy with starting.
    const bound = { withinMs: answersMs, everyMs: 1_000 };
    await eventually(check, { what: `${this.name} rejoins`, ...bound });
    this.isAway = false;
  }

  private async takeReplicas(other: Member): Promise<void> {
    await other.run('rabbitmq-queues', 'grow', this.name, 'all');
    const add = (vhost: string, stream: string) =>
      other.run('rabbitmq-streams', 'add_replica', '--vhost', vhost, stream, this.name);
    const lines = async (...args: string[]) =>
      (await other.control(...args, '--silent', '--no-table-headers')).trim().split('\n');
    for (const vhost of await lines('list_vhosts')) {
      for (const line of await lines('list_queues', '-p', vhost, 'name', 'type')) {
        const [queue = '', type] = line.split('\t');
        if (!type?.includes('stream')) continue;
        // Streams learn of the node later than all else.
        await eventually(() => add(vhost, queue), { withinMs: answersMs, everyMs: 1_000 });
      }
    }
  }
}

/**
 * Three nodes of one cluster. As a broker it is what an administrator sees: its URLs lead to a node
 * that works, whichever that is. Clients have those of all nodes, by `spread`.
 */
export class Cluster implements Broker {
  readonly members: Member[] = [];

  private constructor(
    readonly wires: ClusterWires,
    private readonly door: TcpTap,
    private readonly managementDoor: TcpTap,
  ) {}

  /** @throws when a node does not start */
  static async start(make: MakeNode, signal?: AbortSignal): Promise<Cluster> {
    const places = await placesOf();
    const wires = await ClusterWires.open(places);
    const [{ ports }] = places;
    const doors = [ports.amqp, ports.management].map((port) =>
      TcpTap.open(`tcp://127.0.0.1:${port}`),
    ) as [Promise<TcpTap>, Promise<TcpTap>];
    const cluster = new Cluster(wires, ...(await Promise.all(doors)));
    try {
      for (const place of places) {
        cluster.members.push(new Member(place, await make(place), cluster));
      }
      // The others find it, and join it.
      const [first, ...others] = cluster.members;
      await first?.resume(signal);
      await Promise.all(others.map((one) => one.resume(signal)));
      for (const one of others) await one.join(first as Member);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get url(): string {
    const { user, password } = credentials;
    return `amqp://${user}:${password}@${new URL(this.door.url).host}`;
  }

  get managementUrl(): string {
    const { user, password } = credentials;
    return `http://${user}:${password}@${new URL(this.managementDoor.url).host}`;
  }

  get version(): string | undefined {
    return this.members[0]?.version;
  }

  get how(): string {
    return `${size} nodes: ${this.members[0]?.how}`;
  }

  /** The same user and virtual host, on each node: as services have it. */
  spread(url: string, members: readonly { url: string }[] = this.members): string {
    const hosts = members.map((one) => new URL(one.url).host).join(',');
    return url.replace(/^(\w+:\/\/(?:[^@/]*@)?)[^/]*/, `$1${hosts}`);
  }

  /** One that works. */
  get survivor(): Member {
    const one = this.members.find(({ isAway }) => !isAway);
    if (one === undefined) throw new Error('no node of the cluster is left');
    return one;
  }

  /** Who is led to a node that has just gone is led to another one. */
  leadOthers(): void {
    const there = this.members.find(({ isAway }) => !isAway);
    if (there === undefined) return;
    this.door.lead(`tcp://${new URL(there.url).host}`);
    this.managementDoor.lead(`tcp://${new URL(there.managementUrl).host}`);
  }

  async leaderOf(vhost: string, queue: string): Promise<Member> {
    const args = ['-p', vhost, 'name', 'leader', '--silent', '--no-table-headers'];
    const lines = (await this.survivor.control('list_queues', ...args)).split('\n');
    const [, leader] = lines.map((line) => line.split('\t')).find(([name]) => name === queue) ?? [];
    const member = this.members.find(({ name }) => name === leader?.trim());
    if (member === undefined) throw new Error(`no node leads ${queue}: ${leader}`);
    return member;
  }

  async control(...args: string[]): Promise<string> {
    return this.survivor.control(...args);
  }

  halt = async () => this.each((one) => one.halt());
  kill = async () => this.each((one) => one.kill());
  resume = async (signal?: AbortSignal) => this.each((one) => one.resume(signal));
  freeze = async () => this.each((one) => one.freeze());
  thaw = async () => this.each((one) => one.thaw());

  async stop(): Promise<void> {
    await this.each((one) => one.stop());
    await Promise.all([this.door.close(), this.managementDoor.close(), this.wires.close()]);
  }

  private async each(act: (member: Member) => Promise<void>): Promise<void> {
    await Promise.all(this.members.map(act));
  }
}

/** The nodes' names, and ports that are free. */
async function placesOf(): Promise<[NodePlace, ...NodePlace[]]> {
  const names = Array.from({ length: size }, (_, at) => `tradepost-${at + 1}@localhost`);
  const cookie = randomBytes(16).toString('hex');
  const settings = [
    'cluster_partition_handling = pause_minority',
    `net_ticktime = ${tickSeconds}`,
    'cluster_formation.peer_discovery_backend = classic_config',
    ...names.map((name, at) => `cluster_formation.classic_config.nodes.${at + 1} = ${name}`),
  ];
  const places: NodePlace[] = [];
  for (const name of names) {
    const asked = [undefined, undefined, undefined, undefined, undefined] as const;
    const [amqp, management, metrics, dist, epmd] = await freePorts(asked);
    const ports = { amqp, management, metrics, dist, epmd };
    places.push({ name, ports, cluster: { cookie, settings } });
  }
  return places as [NodePlace, ...NodePlace[]];
}
