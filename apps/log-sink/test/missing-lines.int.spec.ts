import { LogEntries, type LogLevel } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import type { Readiness } from '@tradepost/service';
import {
  createTestDatabase,
  eventually,
  TestBroker,
  type TestDatabase,
  testServer,
  type TestServer,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { Arrivals } from '../src/entries/arrivals.store';
import { LogSinkModule } from '../src/log-sink.module';

/** Messages that the queue keeps; of five lines each. */
const kept = 20;
const lines = 5;

describe('when log-sink does not keep up', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let db: Db;
  let server: TestServer;

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await createTestDatabase('log-sink');
    db = new Db({ url: database.serviceUrl });
    server = await start();
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
    await database?.drop();
    await broker?.close();
  });

  const start = async () => testServer(LogSinkModule, { AMQP_URL: broker.amqpUrl }, database);
  const arrivals = async (): Promise<Arrivals[]> => {
    const response = await fetch(`${server.url}/v1/logs/arrivals`);
    return ((await response.json()) as { items: Arrivals[] }).items;
  };
  const readiness = async () =>
    (await (await fetch(`${server.url}/health/ready`)).json()) as Readiness;
  /** Publishes messages of a process, one after the other. */
  const process = (service: string, level: LogLevel = 'info') => {
    const instance = randomUUID();
    let first = 1;
    return async (messages: number, messageId = v7()) => {
      for (let n = 0; n < messages; n += 1) {
        const time = new Date().toISOString();
        const entry = { level, service, message: 'line', time };
        const entries = Array.from({ length: lines }, () => entry);
        const id = n === 0 ? messageId : v7();
        const body = { entries, sequence: { instance, first } };
        await broker.publish(LogEntries, body, { key: `log.${level}`, messageId: id });
        first += lines;
      }
    };
  };
  const missed =
    (service: string, queue = 'logs') =>
    async (received: number, missing: number) => {
      const items = await arrivals();
      const found = items.find((item) => item.queue === queue && item.service === service);
      expect(found).toMatchObject({ received, missing });
      return found;
    };

  it('its queues keep the newest, nobody is refused, and what was dropped is counted', async () => {
    const [busy, late, worried] = [process('busy'), process('late'), process('worried', 'warning')];
    await busy(1);
    await worried(1);
    await eventually(async () => missed('busy')(lines, 0));
    await eventually(async () => missed('worried', 'warning.logs')(lines, 0));
    const old = `UPDATE log_arrivals SET created_at = created_at - interval '1 hour'`;
    await db.query({ name: 'test-old', text: old });
    await server.stop();

    await broker.limitQueues('^(warning\\.)?logs$', { 'max-length': kept });
    await late(50);
    await worried(50);
    await busy(100);
    await eventually(async () => {
      expect([await broker.depth('logs'), await broker.depth('warning.logs')]).toEqual([
        kept,
        kept,
      ]);
    });
    server = await start();
    await eventually(async () => missed('busy')((1 + kept) * lines, (100 - kept) * lines));
    await eventually(async () => {
      await missed('worried', 'warning.logs')((1 + kept) * lines, (50 - kept) * lines);
    });
    // Of whom nothing has come nothing is known; its next line tells.
    await late(1);
    const found = await eventually(async () => missed('late')(lines, 50 * lines));
    expect(Date.now() - Date.parse(String(found?.missedAt))).toBeLessThan(60_000);
    expect(await broker.allDeadLetters()).toEqual({});

    const { figures, warnings } = await readiness();
    const missing = (await arrivals())
      .filter(({ queue }) => queue === 'logs')
      .reduce((sum, item) => sum + item.missing, 0);
    expect(figures).toMatchObject({ missingLogLines: missing });
    expect(warnings).toEqual([
      `logs: ${missing} lines have not come`,
      `warning.logs: ${(50 - kept) * lines} lines have not come`,
    ]);
  });

  it('a copy is no line more, and what comes out of order is not missing', async () => {
    await broker.unlimitQueues();
    const instance = randomUUID();
    const publish = async (first: number, messageId = v7()) => {
      const entry = { level: 'info', service: 'calm', message: 'line', time } as const;
      const body = { entries: [entry], sequence: { instance, first } };
      await broker.publish(LogEntries, body, { key: 'log.info', messageId });
    };
    const time = new Date().toISOString();
    const id = v7();
    for (let copy = 0; copy < 3; copy += 1) await publish(1, id);
    await publish(3);
    await eventually(async () => missed('calm')(2, 1));
    await publish(2);
    await eventually(async () => missed('calm')(3, 0));
  });
});
