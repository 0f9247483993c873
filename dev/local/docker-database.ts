import { eventually } from '@tradepost/messaging/testing';
import {
  checkoutName,
  containerServer,
  dockerEngineWith,
  hostOf,
  removeContainer,
  startContainer,
  type Engine,
} from './docker';
import { freePorts } from './ports';
import { assertDatabase } from './ready';
import { credentials, postgresFlags } from './settings';
import type { Database, ProvideOptions } from './types';

const image = 'postgres:18';
const bootMs = 60_000;
const port = 5432;

/** @throws Unavailable without an engine or the image */
export async function dockerDatabase(
  options: ProvideOptions & { log: (line: string) => void },
): Promise<Database> {
  const engine = await dockerEngineWith({ image, log: options.log });
  const container = await databaseContainer(engine, options);
  const started = await startContainer(container, options.signal);
  const { user, password } = credentials;
  const address = `${hostOf(started)}:${started.getMappedPort(port)}`;
  const url = `postgres://${user}:${password}@${address}/postgres`;
  const ready = (signal?: AbortSignal) =>
    eventually(() => assertDatabase(url), {
      ...{ what: 'PostgreSQL answers', withinMs: bootMs, everyMs: 100, signal },
    });
  const server = containerServer(engine, started, {
    ready,
    keepsData: options.dataFolder !== undefined,
  });
  try {
    await ready(options.signal);
    return { url, how: `Docker, ${image}`, ...server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function databaseContainer(engine: Engine, options: ProvideOptions) {
  const { dataFolder, ports: wanted, durable = dataFolder !== undefined } = options;
  const { GenericContainer, Wait } = engine.testcontainers;
  const name = dataFolder === undefined ? undefined : checkoutName('postgres', dataFolder);
  if (name !== undefined) await removeContainer(engine, name);
  const [host] = await freePorts([wanted?.postgres]);
  const container = new GenericContainer(image)
    .withEnvironment({
      POSTGRES_USER: credentials.user,
      POSTGRES_PASSWORD: credentials.password,
      POSTGRES_DB: 'postgres',
    })
    .withExposedPorts({ container: port, host })
    .withCommand(['postgres', ...postgresFlags({ durable })])
    .withWaitStrategy(Wait.forListeningPorts().withStartupTimeout(bootMs));
  if (name === undefined) return container;
  return container
    .withName(name)
    .withBindMounts([{ source: name, target: '/var/lib/postgresql', mode: 'rw' }]);
}
