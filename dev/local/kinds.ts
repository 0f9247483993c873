/** A broker with its management API, whoever runs it. */
export interface Broker {
  /** `amqp://user:password@host:port` */
  url: string;
  /** `http://user:password@host:port` of the management API and its pages. */
  managementUrl: string;
  /** As the management API says; missing when that does not answer. */
  version?: string;
  /** The way that was taken, for people: `Docker, rabbitmq:4-management`. */
  how: string;
  /** Stops it in good order; its ports and data wait for `resume`. */
  halt(): Promise<void>;
  /** SIGKILL, as a machine that loses its power. */
  kill(): Promise<void>;
  /** After `halt` or `kill`: the same ports, the same data. Resolves when it takes connections. */
  resume(): Promise<void>;
  /** SIGSTOP: it takes part in nothing and says nothing, and its connections stay open. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Runs `rabbitmqctl` on it. @returns what it printed. @throws with that, when it fails */
  control(...args: string[]): Promise<string>;
  /** For good. Data without a `dataFolder` is thrown away. */
  stop(): Promise<void>;
}

/** A PostgreSQL server, whoever runs it. */
export interface Database {
  /** Of a role that may create databases and roles. */
  url: string;
  /** The way that was taken, for people. */
  how: string;
  /** Stops it in good order; its port and data wait for `resume`. */
  halt(): Promise<void>;
  /** SIGKILL to it and to all its backends. */
  kill(): Promise<void>;
  /** After `halt` or `kill`: the same port, the same data. Resolves when it takes connections. */
  resume(): Promise<void>;
  /** SIGSTOP to it and to all its backends: connections stay open, and nothing is said on them. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** For good. Data without a `dataFolder` is thrown away. */
  stop(): Promise<void>;
}

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

/** The user and the password of every server that is started here, for this machine alone. */
export const credentials = { user: 'tradepost', password: 'tradepost' } as const;
