import { Client, type ClientConfig } from 'pg';
import { readPostgresUrl } from './postgres-url';

/**
 * What the parsers of pg and our statements count on, whatever is the default of the role, of the
 * database or of the server.
 */
const settings = {
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
};

export type SessionConfig = ClientConfig & { startup: Record<string, string> };

/**
 * The URL alone decides where a connection goes, as whom and how: pg would take from PGHOST,
 * PGSSLMODE and their like, and from ~/.pgpass, whatever is left open here.
 * @param more settings of this session
 * @throws BadPostgresUrl
 */
export function sessionConfig(url: string, more: Record<string, string> = {}): SessionConfig {
  const { startup, ...server } = readPostgresUrl(url);
  const encoding = { client_encoding: 'utf8' };
  return { ...server, ...encoding, startup: { ...settings, ...more, ...startup } };
}

type Connected = (error: Error | null, session?: Session) => void;

/** pg's own, which its types leave out. */
declare module 'pg' {
  interface Client {
    _connect(callback: Connected): void;
  }
}

/** A connection whose settings travel in its first message: they cost no round trip. */
export class Session extends Client {
  constructor(private readonly config: SessionConfig) {
    super(config);
  }

  // Called by pg. Its own one adds PGOPTIONS and PGAPPNAME.
  getStartupConf(): Record<string, string> {
    const { user = '', database = '', startup } = this.config;
    return { user, database, ...startup };
  }

  // Called by pg for both forms of `connect`.
  override _connect(callback: Connected): void {
    super._connect((error, session) => {
      // pg leaves the socket open: the server would wait a minute for the password.
      if (error) this.end(() => undefined);
      callback(error, session);
    });
  }
}

/** For one errand: a migration, or making a database. */
export async function withSession<T>(
  url: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session({ ...sessionConfig(url), connectionTimeoutMillis: 10_000 });
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}
