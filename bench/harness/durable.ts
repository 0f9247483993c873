import { createDb, type Servers } from './servers';

/** Undefined: nobody counts it. */
export type Counters = Record<string, number | undefined>;

const kib = 1_024;

const selectWritten = {
  name: 'written-ahead',
  text: `SELECT wal_bytes::float8 AS bytes, fsyncs::float8
    FROM pg_stat_wal, (SELECT sum(fsyncs) AS fsyncs FROM pg_stat_io WHERE object = 'wal') AS io`,
};

/** Quorum queues share one log of a node, which is synced once for each batch of writes. */
const brokerLog = 'maps:get(ra_log_wal, ra_counters:overview()).';

/**
 * What was made durable so far, before a commit or a confirm was answered: KiB of both servers'
 * write-ahead logs, and how often each was synced.
 */
export async function durable({ broker, database }: Servers): Promise<Counters> {
  const [postgres, log] = await Promise.all([
    writtenBy(database.url).catch(() => undefined),
    broker.control('eval', brokerLog).catch(() => ''),
  ]);
  const counter = (name: string) => {
    const found = new RegExp(`\\b${name} => (\\d+)`).exec(log)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const brokerBytes = counter('bytes_written');
  return {
    postgresLogKiB: postgres && postgres.bytes / kib,
    brokerLogKiB: brokerBytes && brokerBytes / kib,
    postgresSyncs: postgres?.fsyncs,
    brokerSyncs: counter('batches'),
  };
}

async function writtenBy(url: string): Promise<{ bytes: number; fsyncs: number } | undefined> {
  const db = createDb(url);
  try {
    const [row] = await db.query<{ bytes: number; fsyncs: number }>(selectWritten);
    return row;
  } finally {
    await db.close();
  }
}
