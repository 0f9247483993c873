import { createTestDatabase, eventually, TcpTap, TestBroker } from '@tradepost/test-kit';
import type { TestDatabase } from '@tradepost/test-kit';
import type { Closers } from '../harness/closers';
import type { LeastUsers } from '../harness/least-users';
import type { Servers } from '../harness/servers';
import type { DrillFlow } from './drill-subject';
import { EffectLog } from './effect-log';
import type { Library } from './library';
import { usersOf } from './users';

/** A cluster that has just lost a node may be slow to make a virtual host. */
const vhostMs = 60_000;

/** What one drill has for itself. */
export interface Ground {
  /** Of a virtual host of its own. */
  client: TestBroker;
  /** Processes reach the broker by it. */
  tap: TcpTap;
  database: TestDatabase;
  log: EffectLog;
  /** In strict mode. */
  users?: LeastUsers;
  /** Lines for the report. */
  notes: string[];
}

/** @param databaseUrl of a role that may create databases */
export async function openGround(
  servers: Servers,
  library: Library,
  { drilled, databaseUrl }: { drilled: DrillFlow; databaseUrl: string },
  closers: Closers,
): Promise<Ground> {
  const notes: string[] = [];
  const { url: amqpUrl, managementUrl } = servers.broker;
  const urls = { amqpUrl, managementUrl };
  const making = eventually(() => TestBroker.create(urls), { withinMs: vhostMs });
  const client = closers.add(await making, async (one) => {
    // A cluster whose node has just come back may not drop its queues; the nodes go with the run.
    await one.close().catch((error: unknown) => {
      if (servers.cluster === undefined) throw error;
      notes.push(`not cleaned up: ${String(error)}`);
    });
  });
  const tap = closers.add(await TcpTap.open(client.amqpUrl), (one) => one.close());
  await library.listener?.declare(client);
  const created = await createTestDatabase(undefined, databaseUrl, library.subject.migrations);
  const database = closers.add(created, (one) => one.drop());
  const opened = await EffectLog.open(database.url, drilled.effects);
  const log = closers.add(opened, (one) => one.close());
  const own = { amqpUrl: client.amqpUrl, managementUrl };
  const users = usersOf(library, own, servers.cluster?.members.length);
  return { client, tap, database, log, users, notes };
}
