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
}

/** @param databaseUrl of a role that may create databases */
export async function openGround(
  servers: Servers,
  library: Library,
  { drilled, databaseUrl }: { drilled: DrillFlow; databaseUrl: string },
  closers: Closers,
): Promise<Ground> {
  const { url: amqpUrl, managementUrl } = servers.broker;
  const urls = { amqpUrl, managementUrl };
  const making = eventually(() => TestBroker.create(urls), { withinMs: vhostMs });
  const client = closers.add(await making, (one) => one.close());
  const tap = closers.add(await TcpTap.open(client.amqpUrl), (one) => one.close());
  await library.listener?.declare(client);
  const created = await createTestDatabase(undefined, databaseUrl, library.subject.migrations);
  const database = closers.add(created, (one) => one.drop());
  const opened = await EffectLog.open(database.url, drilled.effects);
  const log = closers.add(opened, (one) => one.close());
  const own = { amqpUrl: client.amqpUrl, managementUrl };
  const users = usersOf(library, own, servers.cluster?.members.length);
  return { client, tap, database, log, users };
}
