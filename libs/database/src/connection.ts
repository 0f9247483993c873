import { Client, escapeLiteral, type ClientConfig, type QueryConfig } from 'pg';
import type { Socket } from 'node:net';
import { ReadOnlySession } from './errors';
import { PoolerInBetween } from './pooler-in-between';
import { readPostgresUrl, type Server } from './postgres-url';
import { Turn } from './turn';

const connectMs = 10_000;
const goodbyeMs = 2_000;

type Settings = Record<string, string>;

/**
 * What the parsers of pg and our statements count on, whatever is the default of the role, of the
 * database or of the server.
 */
const settings: Settings = {
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
};

/** Poolers know these, and give them to each client anew; they refuse others, or forget them. */
const knownToPoolers =
  /^(DateStyle|TimeZone|standard_conforming_strings|application_name|options)$/;

/** `transaction`: consecutive transactions of one connection may run in different sessions. */
export type Pooler = 'transaction';

interface Wanted {
  pooler?: Pooler;
  /** Further settings. */
  more?: Settings;
  /** What to do about a pooler in between. */
  advice: string;
}

/** A function is asked for each connection. */
export type PostgresUrl = string | (() => string);

export interface ConnectionConfig extends ClientConfig {
  /** As the URL and the files that it names are now: all have one database, as replicas do. */
  servers: () => [Server, ...Server[]];
  turn: Turn;
  /** Travels in the first message. */
  startup: Settings;
  /** Is to follow each BEGIN in the same message; empty without a pooler. */
  setLocal: string;
  named: boolean;
  advice: string;
  /** Shared by all connections with this config: one was seen to keep its settings. */
  seen: { settingsKept: boolean };
}

/**
 * The URL alone decides where a connection goes, as whom and how: pg would take from PGHOST,
 * PGSSLMODE and their like, and from ~/.pgpass, whatever is left open here.
 * @throws BadPostgresUrl
 */
export function connectionConfig(
  url: PostgresUrl,
  { pooler, more, advice }: Wanted,
): ConnectionConfig {
  const servers = () => readPostgresUrl(typeof url === 'function' ? url() : url);
  const [{ startup: given }] = servers();
  const all = Object.entries({ ...settings, ...more, ...given });
  const isPooled = pooler !== undefined;
  const atStart = all.filter(([name]) => !isPooled || knownToPoolers.test(name));
  const atBegin = all.filter((one) => !atStart.includes(one));
  return {
    servers,
    turn: new Turn(),
    client_encoding: 'utf8',
    startup: Object.fromEntries(atStart),
    setLocal: atBegin
      .map(([name, value]) => `; SET LOCAL ${name} = ${escapeLiteral(value)}`)
      .join(''),
    named: !isPooled,
    advice,
    seen: { settingsKept: isPooled },
  };
}

type Connected = (error: Error | null, connection?: Connection) => void;

/** pg's own, which its types leave out. */
declare module 'pg' {
  interface Client {
    _connect(callback: Connected): void;
  }
}

/** A connection whose settings cost no round trip, to the server whose turn it is. */
export class Connection extends Client {
  private readonly way: Way;

  constructor(private readonly config: ConnectionConfig) {
    const way = wayNow(config);
    super({ ...config, ...way.server, connectionTimeoutMillis: way.timeoutMs });
    this.way = way;
    // Who queries is told by the query. A pool listens only when it has the connection, which the
    // server may end before: without a listener that would end the process.
    this.on('error', () => undefined);
    if (!config.named) this.query = nameless(this);
  }

  // Called by pg. Its own one adds PGOPTIONS and PGAPPNAME.
  getStartupConf(): Settings {
    const { user = '', database = '' } = this;
    return { user, database, ...this.config.startup };
  }

  // Called by pg for both forms of `connect`.
  override _connect(callback: Connected): void {
    const { unmade, pass } = this.way;
    if (unmade !== undefined) return process.nextTick(() => callback(unmade));
    const done = (error: Error | null) => {
      // pg leaves the socket open: the server would wait a minute for the password.
      if (error) this.end(() => undefined);
      if (error) pass();
      callback(error, this);
    };
    super._connect((error) => {
      if (error?.message.startsWith('unsupported startup parameter')) {
        return done(new PoolerInBetween(error.message, this.config.advice));
      }
      if (error) return done(error);
      this.problem().then(done, done);
    });
  }

  private async problem(): Promise<Error | null> {
    const { seen, advice } = this.config;
    const { host, port, mustTakeWrites = false } = this.way.server ?? {};
    if (mustTakeWrites && (await this.show('transaction_read_only')) === 'on') {
      return new ReadOnlySession(`${host}:${port} takes no writes`);
    }
    // A pooler may have been told to ignore what it does not know.
    seen.settingsKept ||= (await this.show('search_path')) === settings.search_path;
    return seen.settingsKept
      ? null
      : new PoolerInBetween('the session has lost its settings', advice);
  }

  private async show(setting: string): Promise<string | undefined> {
    const { rows } = await this.query<Settings>(`SHOW ${setting}`);
    return rows[0]?.[setting];
  }
}

interface Way {
  server?: Server;
  /** Why there is none. */
  unmade?: Error;
  pass: () => void;
  /** For this server: all of them share what there is. */
  timeoutMs: number;
}

// A pool makes connections where nobody catches.
function wayNow({ servers, turn, connectionTimeoutMillis = 0 }: ConnectionConfig): Way {
  try {
    const all = servers();
    return { ...turn.take(all), timeoutMs: Math.ceil(connectionTimeoutMillis / all.length) };
  } catch (error) {
    return { unmade: error as Error, pass: () => undefined, timeoutMs: connectionTimeoutMillis };
  }
}

// A named statement stays behind in the session that prepared it.
function nameless(connection: Client): Client['query'] {
  type Query = (statement: unknown, ...rest: unknown[]) => unknown;
  // pg's overloads are many; all begin with a statement.
  const send = connection.query.bind(connection) as Query;
  const query: Query = (statement, ...rest) => {
    const isText = typeof statement === 'string';
    return send(isText ? statement : { ...(statement as QueryConfig), name: undefined }, ...rest);
  };
  return query as Client['query'];
}

/** For one errand: a migration, or making a database. */
export async function withConnection<T>(
  url: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const advice = 'migrations, and whatever makes databases, need the URL of PostgreSQL itself';
  const config = { ...connectionConfig(url, { advice }), connectionTimeoutMillis: connectMs };
  const connect = async () => {
    const connection = new Connection(config);
    await connection.connect();
    return connection;
  };
  const connection = await config.turn.each(connect, connectMs);
  try {
    return await work(connection);
  } finally {
    await end(connection);
  }
}

// A server that is gone without a word does not end its side.
async function end(connection: Connection): Promise<void> {
  const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection;
  const timer = setTimeout(() => stream.destroy(), goodbyeMs);
  await connection.end();
  clearTimeout(timer);
}
