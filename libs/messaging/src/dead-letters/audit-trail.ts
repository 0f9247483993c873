import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { closeConnection } from '../connection/connect';
import { asError } from '../errors';
import { sleep } from '../time';
import { merge, type Topology } from '../topology/topology';
import type { Ways } from '../topology/ways';
import type { ConfirmedPublisher } from './confirmed-publisher';
import type { Tools } from './operation';
import type { Selection } from './shapes';

/** The stream on the broker that records every operation. Nothing is ever taken from it. */
export const auditStream = 'dead-letters.audit';
const args = { 'x-max-age': '365D' };

export function auditTopology(ways: Ways): Topology {
  const when = ways.isStrict ? {} : { atFirstUse: true as const };
  return merge([
    { queues: [{ name: auditStream, args: ways.stream(args), ...when }] },
    ways.doors(auditStream),
  ]);
}
const readAheadMax = 1_000;
const silenceMs = 10_000;
/** How long a new stream may take until it can be read. */
const startMs = 5_000;
const startEveryMs = 100;

export type Action = 'replay' | 'discard' | 'undo';

export interface Begin {
  kind: 'begin';
  /** Identifies this entry until the broker has given it its number. */
  key: string;
  action: Action | 'read';
  by: string;
  /** ISO 8601. */
  at: string;
  selection?: Selection;
  /** Of an undo: the operation it reverts. */
  of?: number;
}

export interface Taken {
  kind: 'taken';
  operation: number;
  id: string;
  deadQueue: string;
  /** Base64, as is `content`: the message byte for byte. */
  properties: string;
  content: string;
}

export interface End {
  kind: 'end';
  operation: number;
  done: number;
  stayed: number;
}

export type Entry = Begin | Taken | End;

/** Writes and reads the stream. An operation's number is its offset there, so it is unique. */
export class AuditTrail {
  private constructor(
    private readonly connect: () => Promise<ChannelModel>,
    private readonly publisher: ConfirmedPublisher,
  ) {}

  /** @param connect opens a connection, for one reading of the stream */
  static async open(
    { model, publisher, declarations }: Omit<Tools, 'trail'>,
    connect: () => Promise<ChannelModel>,
  ): Promise<AuditTrail> {
    await declarations.declare(model, { queues: auditTopology(publisher.ways).queues });
    return new AuditTrail(connect, publisher);
  }

  async write(entry: Entry): Promise<void> {
    const content = Buffer.from(JSON.stringify(entry));
    await this.publisher.publish(auditStream, content, { contentType: 'application/json' });
  }

  /** @returns the number of the operation */
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

  // At a stream that another has declared just now, RabbitMQ says that it is nowhere, or crashes.
  private async follow(...how: Follow): Promise<void> {
    const deadline = Date.now() + startMs;
    for (;;) {
      const model = await this.connect();
      try {
        return await followOn(model, ...how);
      } catch (error) {
        if (!(error instanceof StreamStarts)) throw error;
        if (Date.now() > deadline) throw error.cause;
      } finally {
        await closeConnection(model);
      }
      await sleep(startEveryMs);
    }
  }
}

type Follow = [
  offset: number | 'next',
  isLast: (entry: Entry, number: number) => boolean,
  whenFollowing?: () => Promise<void>,
];

class StreamStarts extends Error {}

async function followOn(
  model: ChannelModel,
  ...[offset, isLast, whenFollowing]: Follow
): Promise<void> {
  const channel = await model.createChannel();
  let heardAt = Date.now();
  let ended = false;
  let lost: Error | undefined;
  const fail = (error: Error) => (lost ??= error);
  model.on('error', fail);
  channel.on('error', fail);
  await channel.prefetch(readAheadMax);
  const take = (raw: ConsumeMessage | null) => {
    if (raw === null) lost = new Error(`${auditStream}: cancelled by the broker`);
    if (raw === null || ended) return;
    heardAt = Date.now();
    channel.ack(raw);
    const number = Number(raw.properties.headers?.['x-stream-offset']) + 1;
    ended = isLast(JSON.parse(raw.content.toString()) as Entry, number);
  };
  const args = { 'x-stream-offset': offset };
  await channel.consume(auditStream, take, { arguments: args }).catch((error: unknown) => {
    const cause = lost ?? asError(error);
    throw isOfStart(cause) ? new StreamStarts(undefined, { cause }) : cause;
  });
  await whenFollowing?.();
  while (!ended) {
    if (lost !== undefined) throw lost;
    if (Date.now() - heardAt > silenceMs) throw new Error(`${auditStream} does not answer`);
    await sleep(2);
  }
}

const preconditionFailed = 406;
const internalError = 541;

function isOfStart(error: { code?: number; message: string }): boolean {
  if (error.code === internalError) return true;
  return error.code === preconditionFailed && error.message.includes('does not have a replica');
}

/** An operation, as the audit trail has it. */
export interface OperationSummary extends Pick<Begin, 'by' | 'at' | 'selection' | 'of'> {
  operation: number;
  action: Action;
  /** Dead letters it recorded before it took them; none of an undo. */
  taken: number;
  /** Missing when the operation was cut short. */
  done?: number;
  stayed?: number;
}

/** Reading is recorded too. @returns the operations that concern these dead-letter queues */
export async function operationsOf(
  trail: AuditTrail,
  by: string,
  reach: readonly string[],
): Promise<OperationSummary[]> {
  const operations = new Map<number, OperationSummary>();
  const elsewhere = new Set<number>();
  const until = await trail.begin({ action: 'read', by });
  await trail.read(1, until, (entry, number) => {
    if (entry.kind === 'begin') {
      const { action, selection, of } = entry;
      const said = { by: entry.by, at: entry.at, selection, of };
      if (action !== 'read')
        operations.set(number, { operation: number, action, ...said, taken: 0 });
      return;
    }
    const operation = operations.get(entry.operation);
    if (operation && entry.kind === 'taken') operation.taken += 1;
    if (operation && entry.kind === 'end') {
      Object.assign(operation, { done: entry.done, stayed: entry.stayed });
    }
    if (entry.kind === 'taken' && !reach.includes(entry.deadQueue)) elsewhere.add(entry.operation);
  });
  return [...operations.values()].filter(({ operation }) => !elsewhere.has(operation));
}
