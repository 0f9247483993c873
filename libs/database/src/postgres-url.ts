import { userInfo } from 'node:os';
import type { ClientConfig } from 'pg';
import { parse } from 'pg-connection-string';

/** A URL that the driver cannot take. The reason never repeats the URL: it has a password. */
export class BadPostgresUrl extends Error {
  override readonly name = 'BadPostgresUrl';

  constructor(readonly reason: string) {
    super(`POSTGRES_URL ${reason}`);
  }
}

/** What a URL says, as the driver reads it; everything it may leave out has its own default. */
export interface Server {
  host: string;
  port: number;
  user: string;
  /** Called when the server asks for one. */
  password: string | (() => string);
  database: string;
  ssl: ClientConfig['ssl'];
  sslnegotiation: 'postgres' | 'direct';
  /** Those of its parameters that the server is told of at the start of a session. */
  startup: Record<string, string>;
  /** It is taken only while it takes writes. */
  mustTakeWrites: boolean;
}

const example = 'must be a URL: postgres://role:password@host:port/database';
const hostsOf = /^(\w+:\/\/(?:[^/?#]*@)?)([^/?#]*)([^]*)$/;
const startupNames = [
  ...['options', 'application_name', 'statement_timeout', 'lock_timeout'],
  'idle_in_transaction_session_timeout',
];

/**
 * Takes what the driver takes: underscores in a host, and a socket's folder as
 * `postgres://role:password@/database?host=/folder`; and several hosts as libpq does:
 * `postgres://role:password@a:5432,b:5432/database`.
 * @returns a server for each host
 * @throws BadPostgresUrl
 */
export function readPostgresUrl(url: string): [Server, ...Server[]] {
  if (!/^postgres(ql)?:\/\//i.test(url)) throw new BadPostgresUrl(example);
  const [, before = '', hosts = '', after = ''] = hostsOf.exec(url) ?? [];
  const [first = '', ...others] = hosts.split(',');
  const read = (host: string) => readOne(`${before}${host}${after}`, others.length > 0);
  return [read(first), ...others.map(read)];
}

function readOne(url: string, isOneOfSeveral: boolean): Server {
  const given = parsed(url);
  const { host, sslnegotiation = 'postgres' } = given;
  const ssl = tlsOf(given);
  if (!host) throw new BadPostgresUrl(`${example}; it names no host`);
  if (/\s/.test(host)) throw new BadPostgresUrl(example);
  if (host.includes(',')) throw new BadPostgresUrl('must name several hosts as a:5432,b:5432');
  const port = Number(given.port || 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new BadPostgresUrl(example);
  const user = given.user || userInfo().username;
  const password = given.password || refusePassword;
  const database = given.database || user;
  const startup: Record<string, string> = {};
  for (const name of startupNames) if (given[name]) startup[name] = given[name] as string;
  const mustTakeWrites = isForWrites(given) || isOneOfSeveral;
  return { host, port, user, password, database, ssl, sslnegotiation, startup, mustTakeWrites };
}

// Of several hosts always: whoever we are, we write, and one that only reads would be luck.
function isForWrites(given: ReturnType<typeof parse>): boolean {
  const { target_session_attrs: wanted } = given as Record<string, unknown>;
  if (wanted === undefined || wanted === 'read-write') return wanted !== undefined;
  throw new BadPostgresUrl('must say target_session_attrs=read-write, or nothing of it');
}

/** The same server's URL with another database; and for another role, if one is given. */
export function withDatabase(
  serverUrl: string,
  name: string,
  login?: { role: string; password: string },
): string {
  const [, before = '', hosts = '', after = ''] = hostsOf.exec(serverUrl) ?? [];
  // WHATWG has no URL without a host, or with several: beside `?host=` the driver ignores it.
  const isOne = hosts !== '' && !hosts.includes(',');
  const url = new URL(isOne ? serverUrl : `${before}localhost${after}`);
  url.pathname = `/${name}`;
  if (login !== undefined) {
    url.username = login.role;
    url.password = login.password;
    // They would go first.
    for (const parameter of ['user', 'password']) url.searchParams.delete(parameter);
  }
  return hosts.includes(',') ? url.href.replace(hostsOf, `$1${hosts}$3`) : url.href;
}

/**
 * Without TLS, or with a server whose certificate and name are verified: nothing in between, which
 * would look safe.
 * @throws BadPostgresUrl
 */
function tlsOf(given: ReturnType<typeof parse>): ClientConfig['ssl'] {
  const { ssl, sslmode, uselibpqcompat } = given as Record<string, unknown>;
  if (uselibpqcompat !== undefined) throw new BadPostgresUrl('must not say uselibpqcompat');
  const modes = ['disable', 'verify-full', undefined] as unknown[];
  if (!modes.includes(sslmode)) throw new BadPostgresUrl('must say sslmode=verify-full or disable');
  if (ssl === undefined || ssl === false) return false;
  if (ssl !== true && typeof ssl !== 'object') throw new BadPostgresUrl('must say ssl=1 or ssl=0');
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED would decide otherwise.
  return { ...(ssl === true ? {} : ssl), rejectUnauthorized: true };
}

function parsed(url: string): ReturnType<typeof parse> {
  try {
    return parse(url);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Of a certificate's file.
    throw new BadPostgresUrl(code === 'ERR_INVALID_URL' ? example : `names what fails: ${message}`);
  }
}

// Without it the driver would look into PGPASSWORD and ~/.pgpass.
function refusePassword(): never {
  throw new Error('the server asks for a password, and the URL has no password');
}
