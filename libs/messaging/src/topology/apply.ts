import { connect, type ChannelModel } from 'amqplib';
import { settled, sleep } from '../time';
import type { BrokerApi } from './broker-api';
import { Doors } from './closed-doors';
import { compare, holdingOf, nameOf, type Difference, type Found } from './differences';
import {
  bringHome,
  makeHolding,
  moveBulk,
  onChannel,
  swap,
  type Replacement,
} from './replace-queue';
import { declare, type Topology } from './topology';

export interface ApplyOptions {
  amqpUrl: string;
  api: BrokerApi;
  wanted: Topology;
  /** What is done, a line each. */
  say: (line: string) => void;
  /** Ends it between two steps; run again, it goes on from there. */
  signal: AbortSignal;
  /** Also take away what nobody wants, if it is empty and unused. */
  prune?: boolean;
}

const connectTimeoutMs = 10_000;
/** How long another one may have the virtual host closed. */
const otherApplyMs = 60_000;
const pollMs = 250;

/** Makes the broker have what is wanted, losing no message. May be interrupted and run again. */
export class Apply {
  private readonly connectionName = `tradepost topology ${process.pid}`;

  constructor(private readonly options: ApplyOptions) {}

  /**
   * @returns what still differs: what is left to a person, and, without `prune`, what is extra
   * @throws when the broker does not answer or refuses a step; what was done stays done
   */
  async run(): Promise<Difference[]> {
    await this.openForgottenDoors();
    const { amqpUrl, api, wanted, prune = false } = this.options;
    const clientProperties = { connection_name: this.connectionName };
    const model = await connect(amqpUrl, {
      noDelay: true,
      timeout: connectTimeoutMs,
      clientProperties,
    });
    model.on('error', () => undefined);
    try {
      await this.create(model);
      await this.replaceAll(model);
      await this.bringAllHome(model);
      if (prune) await this.prune(model);
    } finally {
      await settled(model.close(), connectTimeoutMs);
    }
    return compare(wanted, await api.found());
  }

  // With an `apply` that was killed its doorkeeper may have died too; then nobody could connect,
  // nor we. With one that is at work its connection is there.
  private async openForgottenDoors(): Promise<void> {
    const { api, say, signal } = this.options;
    const deadline = Date.now() + otherApplyMs;
    while ((await api.connectionsMax()) === 0) {
      signal.throwIfAborted();
      if ((await api.connectionNames()).length === 0) {
        await api.limitConnections(undefined);
        return say('an interrupted apply had closed the virtual host: opened it');
      }
      if (Date.now() > deadline) throw new Error('another apply has closed the virtual host');
      await sleep(pollMs, signal);
    }
  }

  private async create(model: ChannelModel): Promise<void> {
    const { wanted, say } = this.options;
    const missing = (await this.differences()).filter(({ mend }) => mend === 'create');
    const names = new Set(missing.map(({ what, name }) => `${what} ${name}`));
    const isMissing = (what: string) => (one: { name: string }) => names.has(`${what} ${one.name}`);
    await onChannel(model, async (channel) => {
      await declare(channel, {
        exchanges: wanted.exchanges.filter(isMissing('exchange')),
        queues: wanted.queues.filter(isMissing('queue')),
        bindings: wanted.bindings.filter((one) => names.has(`binding ${nameOf(one)}`)),
      });
    });
    for (const { what, name } of missing) say(`created ${what} ${name}`);
  }

  private async replaceAll(model: ChannelModel): Promise<void> {
    const { api, say, signal } = this.options;
    const replacements = await this.replacements(model);
    if (replacements.length === 0) return;
    const limit = await api.connectionsMax();
    if (limit !== undefined) {
      throw new Error(
        `the virtual host has a limit of ${limit} connections, which a move needs for itself: ` +
          'take it away first (rabbitmqctl clear_vhost_limits), set it again afterwards',
      );
    }
    const approaching = Doors.approach({ api, own: this.connectionName, say, signal });
    // It is awaited below, where it throws.
    approaching.catch(() => undefined);
    for (const one of replacements) await makeHolding(one);
    await this.moveAside(replacements);
    const doors = await approaching;
    // What came meanwhile, so that little is left to be moved behind closed doors.
    await this.moveAside(replacements);
    await doors.closedDuring(async () => {
      for (const one of replacements) {
        const moved = await swap(one);
        say(`moved the last ${moved} of ${one.queue.name}, and made it anew`);
      }
    });
  }

  private async moveAside(replacements: Replacement[]): Promise<void> {
    for (const one of replacements) {
      const moved = await moveBulk(one);
      if (moved > 0) this.options.say(`moved ${moved} messages of ${one.queue.name} aside`);
    }
  }

  private async replacements(model: ChannelModel): Promise<Replacement[]> {
    const { api, wanted, signal } = this.options;
    const found: Found = await api.found();
    const names = compare(wanted, found)
      .filter(({ mend }) => mend === 'replace')
      .map(({ name }) => name);
    return wanted.queues
      .filter(({ name }) => names.includes(name))
      .map((queue) => {
        // What somebody bound by hand is kept too: it is `extra`, and for `prune` to take away.
        const bindings = [...wanted.bindings, ...found.bindings].filter(
          (binding) => binding.queue === queue.name,
        );
        return { model, queue, bindings, signal };
      });
  }

  private async bringAllHome(model: ChannelModel): Promise<void> {
    const { api, wanted, say, signal } = this.options;
    const there = new Set((await api.found()).queues.map(({ name }) => name));
    for (const { name } of wanted.queues) {
      if (!there.has(holdingOf(name))) continue;
      const moved = await bringHome(model, name, signal);
      say(`brought ${moved} messages back to ${name}`);
    }
  }

  private async prune(model: ChannelModel): Promise<void> {
    const { api, wanted, say } = this.options;
    const found = await api.found();
    const extra = compare(wanted, found).filter(({ mend }) => mend === 'prune');
    const names = new Set(extra.map(({ what, name }) => `${what} ${name}`));
    await onChannel(model, async (channel) => {
      for (const one of found.bindings.filter((one) => names.has(`binding ${nameOf(one)}`))) {
        await channel.unbindQueue(one.queue, one.exchange, one.key);
        say(`removed binding ${nameOf(one)}`);
      }
    });
    for (const { what, name } of extra) {
      if (what === 'queue') await this.pruneQueue(model, name);
      if (what === 'exchange') await this.pruneExchange(model, name);
    }
  }

  // Quorum queues know no `if-empty`, so it is asked first; unwanted ones have no sender of ours.
  private async pruneQueue(model: ChannelModel, name: string): Promise<void> {
    const found = (await this.options.api.found()).queues.find((queue) => queue.name === name);
    await onChannel(model, async (channel) => {
      const { messageCount, consumerCount } = await channel.checkQueue(name);
      const messages = Math.max(messageCount, found?.messages ?? 0);
      if (messages > 0 || consumerCount > 0) {
        const why = `${messages} messages, ${consumerCount} consumers`;
        return this.options.say(`kept queue ${name}: ${why}`);
      }
      await channel.deleteQueue(name);
      this.options.say(`removed queue ${name}`);
    });
  }

  private async pruneExchange(model: ChannelModel, name: string): Promise<void> {
    try {
      await onChannel(model, (channel) => channel.deleteExchange(name, { ifUnused: true }));
      this.options.say(`removed exchange ${name}`);
    } catch {
      this.options.say(`kept exchange ${name}: something is bound to it`);
    }
  }

  private async differences(): Promise<Difference[]> {
    return compare(this.options.wanted, await this.options.api.found());
  }
}
