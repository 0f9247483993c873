import {
  checkoutName,
  dockerEngineWith,
  hostOf,
  removeContainer,
  startContainer,
  type Engine,
} from './docker';
import { assertDatabase } from './given';
import { credentials, type Database, type ProvideOptions } from './kinds';
import { freePorts } from './ports';
import { serverFlags } from './postgres-flags';
import { until } from './until';

const image = 'postgres:18';
const bootMs = 60_000;
const haltMs = 4_000;
const port = 5432;

/** @throws Unavailable without an engine or the image */
export async function dockerDatabase(
  options: ProvideOptions & { log: (line: string) => void },
): Promise<Database> {
  const engine = await dockerEngineWith({ image, log: options.log });
  const container = await databaseContainer(engine, options);
  const started = await startContainer(container, options.signal);
  const stop = async () => {
    // Nothing to finish where nothing is kept.
    const timeout = options.dataFolder === undefined ? 0 : haltMs;
    await started.stop({ remove: true, removeVolumes: true, timeout });
  };
  const { user, password } = credentials;
  const address = `${hostOf(started)}:${started.getMappedPort(port)}`;
  const url = `postgres://${user}:${password}@${address}/postgres`;
  try {
    await until(() => assertDatabase(url), {
      what: 'PostgreSQL answers',
      withinMs: bootMs,
      signal: options.signal,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const server = engine.client.container.getById(started.getId());
  const halt = () => engine.client.container.stop(server, { timeout: haltMs });
  const resume = async () => {
    await server.start();
    await until(() => assertDatabase(url), { what: 'PostgreSQL answers', withinMs: bootMs });
  };
  return {
    url,
    how: `Docker, ${image}`,
    halt,
    kill: async () => {
      await server.kill();
      await server.wait();
    },
    resume,
    freeze: () => server.pause(),
    thaw: () => server.unpause(),
    stop,
  };
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
    .withCommand(['postgres', ...serverFlags({ durable })])
    .withWaitStrategy(Wait.forListeningPorts().withStartupTimeout(bootMs));
  if (name === undefined) return container;
  return container
    .withName(name)
    .withBindMounts([{ source: name, target: '/var/lib/postgresql', mode: 'rw' }]);
}
