import type { ChannelModel, ConsumeMessage, MessageProperties } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { sleep } from '../link';
import { declare, type Topology } from '../topology/topology';
import type { Confirmed } from './confirmed';
import type { Selection } from './letter';

/** The stream on the broker that every act is written to. Nothing is ever taken from it. */
const auditStream = 'dead-letters.audit';
const keptFor = '365D';
export const auditTopology: Topology = {
  exchanges: [],
  queues: [
    {
      name: auditStream,
      args: { 'x-queue-type': 'stream', 'x-max-age': keptFor },
      atFirstUse: true,
    },
  ],
  bindings: [],
};
const readAheadMax = 1_000;
const silenceMs = 10_000;

export type Act = 'replay' | 'discard' | 'undo';

export interface Begin {
  kind: 'begin';
  /** Tells this entry from others until the broker has given it its number. */
  key: string;
  act: Act | 'read';
  by: string;
  at: string;
  selection?: Selection;
  /** Of an undo: the batch it puts back. */
  of?: number;
}

export interface Taken {
  kind: 'taken';
  batch: number;
  id: string;
  deadQueue: string;
  properties: MessageProperties;
  /** Base64: byte for byte what the letter was. */
  content: string;
}

export interface End {
  kind: 'end';
  batch: number;
  done: number;
  stayed: number;
}

export type Entry = Begin | Taken | End;

/** Writes and reads the stream. A batch's number is its place in it, so that no two share one. */
export class AuditTrail {
  private constructor(
    private readonly model: ChannelModel,
    private readonly publisher: Confirmed,
  ) {}

  static async open(model: ChannelModel, publisher: Confirmed): Promise<AuditTrail> {
    await declare(publisher.channel, auditTopology);
    return new AuditTrail(model, publisher);
  }

  async write(entry: Entry): Promise<void> {
    const content = Buffer.from(JSON.stringify(entry));
    await this.publisher.publish(auditStream, content, { contentType: 'application/json' });
  }

  /** @returns the number of the batch */
  async begin(begin: Omit<Begin, 'kind' | 'key' | 'at'>): Promise<number> {
    const key = randomUUID();
    const entry: Begin = { kind: 'begin', key, at: new Date().toISOString(), ...begin };
    let own = 0;
    const isOwn = (read: Entry, number: number) => {
      if (read.kind !== 'begin' || read.key !== key) return false;
      own = number;
      return true;
    };
    await this.follow('next', isOwn, () => this.write(entry));
    return own;
  }

  /** Visits what was written from number `from` (1: all that is kept) until before `until`. */
  async read(
    from: number,
    until: number,
    visit: (entry: Entry, number: number) => void,
  ): Promise<void> {
    await this.follow(from - 1, (entry, number) => {
      if (number >= until) return true;
      visit(entry, number);
      return false;
    });
  }

  private async follow(
    offset: number | 'next',
    isLast: (entry: Entry, number: number) => boolean,
    whenFollowing = async () => undefined as void,
  ): Promise<void> {
    const channel = await this.model.createChannel();
    let heardAt = Date.now();
    let ended = false;
    let lost: Error | undefined;
    channel.on('error', (error: Error) => (lost = error));
    await channel.prefetch(readAheadMax);
    const take = (raw: ConsumeMessage | null) => {
      if (raw === null) lost = new Error(`${auditStream}: cancelled by the broker`);
      if (raw === null || ended) return;
      heardAt = Date.now();
      channel.ack(raw);
      const number = Number(raw.properties.headers?.['x-stream-offset']) + 1;
      ended = isLast(parse(raw.content), number);
    };
    await channel.consume(auditStream, take, { arguments: { 'x-stream-offset': offset } });
    await whenFollowing();
    while (!ended) {
      if (lost !== undefined) throw lost;
      if (Date.now() - heardAt > silenceMs) throw new Error(`${auditStream} does not answer`);
      await sleep(2);
    }
    await channel.close();
  }
}

// JSON makes an object of a Buffer; headers may hold one.
function parse(content: Buffer): Entry {
  return JSON.parse(content.toString(), (_, value: unknown) => {
    const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
    return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]) : value;
  }) as Entry;
}
