/** A server for this machine, whether we run it or not. */
interface Server {
  /** With user and password; of PostgreSQL, of a role that may create databases and roles. */
  url: string;
  /** How it came to be, for people: `Docker, rabbitmq:4-management`. */
  how: string;
  /** Stops it in good order; its ports and data wait for `resume`. */
  halt(): Promise<void>;
  /** SIGKILL to all of its processes, as when a machine loses its power. */
  kill(): Promise<void>;
  /** After `halt` or `kill`: the same ports, the same data. Resolves when it takes connections. */
  resume(): Promise<void>;
  /** SIGSTOP to all of its processes: connections stay open, and nothing is said on them. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** For good. Data without a `dataFolder` is thrown away. */
  stop(): Promise<void>;
}

export interface Broker extends Server {
  /** `http://user:password@host:port` of the management API and its pages. */
  managementUrl: string;
  /** As the management API says; missing when that does not answer. */
  version?: string;
  /** Runs `rabbitmqctl` on it. @returns what it printed. @throws with that, when it fails */
  control(...args: string[]): Promise<string>;
}

export type Database = Server;

export interface ProvideOptions {
  /** Where data is kept from start to start; without it, nothing is kept. */
  dataFolder?: string;
  /** A server of one's own, even where AMQP_URL or POSTGRES_URL names one. */
  own?: boolean;
  /** Tried first where free, so that urls stay the same; otherwise any free port. */
  ports?: { amqp?: number; management?: number; postgres?: number };
  /** What is committed outlives a `kill`; without it, only where a `dataFolder` keeps it. */
  durable?: boolean;
  /** What is being done, a line each. */
  log?: (line: string) => void;
  /** Gives up, ending what was begun. */
  signal?: AbortSignal;
}

/** This machine does not have this provider; the next one is tried. */
export class Unavailable extends Error {}
