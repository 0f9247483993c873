import { Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { fanout } from '@tradepost/messaging/contract';
import { eventually, TcpTap, type Seen } from '@tradepost/test-kit';
import { IsInt, IsString } from 'class-validator';
import { Link } from '../src/connection/link';
import { Relay } from '../src/outbox/relay';
import { slotOf } from '../src/ordered/slots';
import { Publisher } from '../src/publish/publisher';
import { Ways } from '../src/topology/ways';
import type { Bench } from './bench';

/** A step of a line: the steps of one line are sent in order. */
export class LineMoved {
  static readonly route = fanout('line-moved', { key: 'line' });

  @IsString()
  line!: string;

  @IsInt()
  step!: number;
}

const createLines = {
  name: 'lines-create',
  text: 'CREATE TABLE lines (line text PRIMARY KEY, step integer NOT NULL)',
};
const moveLine = {
  name: 'lines-move',
  text: `INSERT INTO lines AS had VALUES ($1, 1)
         ON CONFLICT (line) DO UPDATE SET step = had.step + 1 RETURNING step`,
};
const countLine = { name: 'lines-count', text: 'SELECT line, step FROM lines ORDER BY line' };
const endSessions = {
  name: 'lines-end-sessions',
  text: 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
};
/** As if the time had come at which what was refused is tried again. */
const makeDue = { name: 'lines-due', text: `UPDATE outbox SET not_before = now()` };

/** A process that changes lines and tells of it, over wires of its own to the broker. */
export class LineSender {
  private constructor(
    readonly db: Db,
    readonly tap: TcpTap,
    private readonly link: Link,
    private readonly publisher: Publisher,
    private readonly relay: Relay,
  ) {}

  static async open(bench: Bench, name: string): Promise<LineSender> {
    const tap = await TcpTap.open(bench.broker.amqpUrl);
    // As the services of a bench have it: their connections are lost on purpose.
    Logger.overrideLogger(['fatal']);
    const log = new Logger('Messaging');
    const link = new Link({ url: tap.url, name, log });
    const publisher = new Publisher({ link, log, pendingMax: 20_000 });
    const db = new Db({ url: bench.databaseUrl, applicationName: name });
    const sender = { service: 'tests', ways: new Ways('strict', 'tests') };
    const relay = new Relay(db, publisher, log, sender);
    link.start();
    await eventually(() => expect(publisher.isOpen).toBe(true));
    relay.start();
    return new LineSender(db, tap, link, publisher, relay);
  }

  async move(line: string): Promise<void> {
    await move(this.db, line);
  }

  async stop(): Promise<void> {
    const stopped = this.relay.stop();
    await this.publisher.stop(2_000);
    await stopped;
    await this.end();
  }

  /** It dies with what it has begun: its transactions are rolled back. */
  async kill(bench: Bench, name: string): Promise<void> {
    this.tap.sever();
    await bench.db.query(endSessions, [name]);
    await this.stop();
  }

  private async end(): Promise<void> {
    await this.link.stop();
    await this.tap.close();
    await this.db.close();
  }
}

/** Under the lock of the line's row, so that its steps are told in the order of the commits. */
export async function move(db: Db, line: string): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ step: number }>(moveLine, [line]);
    await send(tx, LineMoved, { line, step: row?.step ?? 0 });
  });
}

export async function makeLines({ db, broker }: Bench): Promise<void> {
  await db.query(createLines);
  // By its slot: so that a test says which of them have a listener.
  await broker.declareExchange(LineMoved.route.exchange, 'topic');
  await broker.declareQueue('lines', { 'x-queue-type': 'quorum' });
}

export async function route({ broker }: Bench, ...lines: string[]): Promise<void> {
  for (const line of lines) await broker.bindQueue('lines', LineMoved.route.exchange, slotOf(line));
}

export async function unroute({ broker }: Bench, line: string): Promise<void> {
  await broker.unbindQueue('lines', LineMoved.route.exchange, slotOf(line));
}

export async function allDue({ db }: Bench): Promise<void> {
  await db.query(makeDue);
}

/** The steps of each line as they came, without the copies of messages that came before. */
export function stepsOf(messages: readonly Seen<LineMoved>[]): Record<string, number[]> {
  const ids = new Set<unknown>();
  const steps: Record<string, number[]> = {};
  for (const { body, properties } of messages) {
    if (ids.has(properties.messageId)) continue;
    ids.add(properties.messageId);
    (steps[body.line] ??= []).push(body.step);
  }
  return steps;
}

/** What `stepsOf` is when nothing is missing, nor out of order. */
export async function allSteps({ db }: Bench): Promise<Record<string, number[]>> {
  const rows = await db.query<{ line: string; step: number }>(countLine);
  return Object.fromEntries(
    rows.map(({ line, step }) => [line, Array.from({ length: step }, (_, n) => n + 1)]),
  );
}
