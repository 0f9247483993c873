import type { ChannelModel } from 'amqplib';
import { closeConnection, openConnection } from '../connection/connect';
import { lackingOf } from '../permission-missing';
import { sleep } from '../time';
import { ApiDenied, type BrokerApi } from './broker-api';
import { compare, holdingOf, nameOf, type Difference, type Found } from './differences';
import { returnMessages, makeHolding, moveBulk, swap, type Replacement } from './replace-queue';
import { declare, onChannel, type Topology } from './topology';
import { VirtualHostLock } from './virtual-host-lock';

export interface ApplyOptions {
  amqpUrl: string;
  api: BrokerApi;
  desired: Topology;
  /** Gets a line for each step. */
  report: (line: string) => void;
  /** Ends it between two steps; run again, it goes on from there. */
  signal: AbortSignal;
  /** Also remove what no contract and no handler declares, if it is empty and unused. */
  prune?: boolean;
  /** Only make what is missing: nothing that is there is touched. */
  createOnly?: boolean;
  /** On so many nodes of the broker queues shall be: with fewer that run, none is made. */
  nodesMin?: number;
}

/** The broker does not let the user do something that `Apply` takes. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiDenied || lackingOf(error) !== undefined;
}

/** How long another apply may lock the virtual host. */
const otherApplyMs = 60_000;
const pollMs = 250;

/** Applies the desired topology without losing a message. May be interrupted and run again. */
export class Apply {
  private readonly connectionName = `topology ${process.pid}`;

  constructor(private readonly options: ApplyOptions) {}

  /**
   * @returns what still differs: what needs a person, and, without `prune`, what is extra
   * @throws when the broker does not answer or refuses a step; what was done stays done
   */
  async run(): Promise<Difference[]> {
    await this.releaseAbandonedLock();
    await this.refuseWithoutNodes();
    const { amqpUrl, api, desired, prune = false, createOnly = false } = this.options;
    const model = await openConnection(amqpUrl, this.connectionName);
    try {
      await this.create(model);
      if (!createOnly) {
        await this.replaceAll(model);
        await this.returnAll(model);
        if (prune) await this.prune(model);
      }
    } finally {
      await closeConnection(model);
    }
    return compare(desired, await api.found());
  }

  // An `apply` that was killed together with its releaser leaves the lock behind, and no client can
  // connect. One that is at work has a connection.
  private async releaseAbandonedLock(): Promise<void> {
    const { api, report, signal } = this.options;
    const deadline = Date.now() + otherApplyMs;
    while ((await api.connectionsMax()) === 0) {
      signal.throwIfAborted();
      if ((await api.connectionNames()).length === 0) {
        await api.limitConnections(undefined);
        return report('an interrupted apply had locked the virtual host: unlocked it');
      }
      if (Date.now() > deadline)
        throw new Error('another apply holds the lock of the virtual host');
      await sleep(pollMs, signal);
    }
  }

  // A queue is on the nodes that run when it is declared, and comes to no other by itself.
  private async refuseWithoutNodes(): Promise<void> {
    const { api, nodesMin = 1, createOnly = false } = this.options;
    const running = nodesMin === 1 ? 1 : await api.runningNodes();
    if (running >= nodesMin) return;
    const remedies: Difference['remedy'][] = createOnly ? ['create'] : ['create', 'replace'];
    const found = await Promise.all(remedies.map(async (one) => this.toDo(one)));
    const isQueue = (name: string) => name.startsWith('queue ');
    if (!found.some(({ names }) => [...names].some(isQueue))) return;
    throw new Error(
      `nodes of the broker that run: ${running}, queues shall be on ${nodesMin} ` +
        '(AMQP_QUEUE_REPLICAS): none is made; run apply again when all are there',
    );
  }

  private async create(model: ChannelModel): Promise<void> {
    const { desired, report } = this.options;
    const { names } = await this.toDo('create');
    const missing = {
      exchanges: desired.exchanges.filter(({ name }) => names.has(`exchange ${name}`)),
      queues: desired.queues.filter(({ name }) => names.has(`queue ${name}`)),
      bindings: desired.bindings.filter((one) => names.has(`binding ${nameOf(one)}`)),
    };
    await onChannel(model, (channel) => declare(channel, missing));
    for (const name of names) report(`created ${name}`);
  }

  /** What the broker has, and what in it has this remedy: `queue <name>`. */
  private async toDo(remedy: Difference['remedy']): Promise<{ found: Found; names: Set<string> }> {
    const found = await this.options.api.found();
    const ours = compare(this.options.desired, found).filter((one) => one.remedy === remedy);
    return { found, names: new Set(ours.map(({ what, name }) => `${what} ${name}`)) };
  }

  private async replaceAll(model: ChannelModel): Promise<void> {
    const { api, report, signal } = this.options;
    const replacements = await this.replacements(model);
    if (replacements.length === 0) return;
    const limit = await api.connectionsMax();
    if (limit !== undefined) {
      throw new Error(
        `the virtual host has a limit of ${limit} connections, which a move needs for itself: ` +
          'remove it first (rabbitmqctl clear_vhost_limits), set it again afterwards',
      );
    }
    const preparing = VirtualHostLock.prepare({ api, own: this.connectionName, report, signal });
    // It is awaited below, where it throws.
    preparing.catch(() => undefined);
    for (const one of replacements) await makeHolding(one);
    await this.moveAside(replacements);
    const lock = await preparing;
    // Moves what came meanwhile, so that little is left for the time of the lock.
    await this.moveAside(replacements);
    await lock.during(async () => {
      for (const one of replacements) {
        const moved = await swap(one);
        report(`moved the last ${moved} of ${one.queue.name}, and made it anew`);
      }
    });
  }

  private async moveAside(replacements: Replacement[]): Promise<void> {
    for (const one of replacements) {
      const moved = await moveBulk(one);
      if (moved > 0) this.options.report(`moved ${moved} messages of ${one.queue.name} aside`);
    }
  }

  private async replacements(model: ChannelModel): Promise<Replacement[]> {
    const { desired, signal } = this.options;
    const { found, names } = await this.toDo('replace');
    // A binding made by hand is kept too: it is `extra`, which `prune` removes.
    const bindings = [...desired.bindings, ...found.bindings];
    return desired.queues
      .filter(({ name }) => names.has(`queue ${name}`))
      .map((queue) => {
        const own = bindings.filter((binding) => binding.queue === queue.name);
        return { model, queue, bindings: own, signal };
      });
  }

  private async returnAll(model: ChannelModel): Promise<void> {
    const { api, desired, report, signal } = this.options;
    const there = new Set((await api.found()).queues.map(({ name }) => name));
    for (const { name } of desired.queues) {
      if (!there.has(holdingOf(name))) continue;
      const moved = await returnMessages(model, name, signal);
      report(`brought ${moved} messages back to ${name}`);
    }
  }

  private async prune(model: ChannelModel): Promise<void> {
    const { report } = this.options;
    const { found, names } = await this.toDo('prune');
    for (const { name } of found.queues) {
      if (names.has(`queue ${name}`)) await this.pruneQueue(model, name);
    }
    const needed = await this.waysBack(names);
    await onChannel(model, async (channel) => {
      for (const one of found.bindings.filter((one) => names.has(`binding ${nameOf(one)}`))) {
        if (needed.has(one.exchange)) {
          report(`kept binding ${nameOf(one)}: what waits in a kept queue returns by it`);
          continue;
        }
        await channel.unbindQueue(one.queue, one.exchange, one.key);
        report(`removed binding ${nameOf(one)}`);
      }
    });
    for (const { name } of found.exchanges) {
      if (needed.has(name)) report(`kept exchange ${name}: a kept queue dead-letters to it`);
      else if (names.has(`exchange ${name}`)) await this.pruneExchange(model, name);
    }
  }

  /** Where queues dead-letter to that were to be removed, and were not: retry tiers not empty. */
  private async waysBack(names: Set<string>): Promise<Set<unknown>> {
    const { queues } = await this.options.api.found();
    const kept = queues.filter(({ name }) => names.has(`queue ${name}`));
    return new Set(kept.map(({ args }) => args['x-dead-letter-exchange']));
  }

  // Quorum queues have no `if-empty`, so the depth is checked first.
  private async pruneQueue(model: ChannelModel, name: string): Promise<void> {
    const found = (await this.options.api.found()).queues.find((queue) => queue.name === name);
    await onChannel(model, async (channel) => {
      const { messageCount, consumerCount } = await channel.checkQueue(name);
      const messages = Math.max(messageCount, found?.messages ?? 0);
      if (messages > 0 || consumerCount > 0) {
        const why = `${messages} messages, ${consumerCount} consumers`;
        return this.options.report(`kept queue ${name}: ${why}`);
      }
      await channel.deleteQueue(name);
      this.options.report(`removed queue ${name}`);
    });
  }

  private async pruneExchange(model: ChannelModel, name: string): Promise<void> {
    try {
      await onChannel(model, (channel) => channel.deleteExchange(name, { ifUnused: true }));
      this.options.report(`removed exchange ${name}`);
    } catch {
      this.options.report(`kept exchange ${name}: something is bound to it`);
    }
  }
}
