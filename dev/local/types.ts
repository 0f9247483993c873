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
  resume(signal?: AbortSignal): Promise<void>;
  /** SIGSTOP to all of its processes: connections stay open and silent. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Without a way back. Data without a `dataFolder` is removed. */
  stop(): Promise<void>;
}

export interface Broker extends Server {
  /** `http://user:password@host:port` of the management API and its pages. */
  managementUrl: string;
  /** Where its Prometheus plugin answers; missing when it has none. */
  metricsUrl?: string;
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
  /** A commit survives `kill`; by default, where a `dataFolder` keeps the data. */
  durable?: boolean;
  /** Takes progress, a line each. */
  log?: (line: string) => void;
  /** Gives up, and ends what has started. */
  signal?: AbortSignal;
}

/** This machine does not have this provider; the next one is tried. */
export class Unavailable extends Error {}
