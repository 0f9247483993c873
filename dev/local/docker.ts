import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type {
  ContainerRuntimeClient,
  GenericContainer,
  StartedTestContainer,
} from 'testcontainers';
import { within } from '@tradepost/messaging/testing';
import { Unavailable, type Database } from './types';

const answerMs = 10_000;
const haltMs = 4_000;
const stopMs = 3_000;
const pullMs = 300_000;
const reaperMs = 60_000;

type Testcontainers = typeof import('testcontainers');

interface ImageOptions {
  image: string;
  log: (line: string) => void;
}

export interface Engine {
  testcontainers: Testcontainers;
  client: ContainerRuntimeClient;
}

/** @throws Unavailable when no Docker engine answers */
export async function dockerEngine(): Promise<Engine> {
  await assertDockerHost();
  // Loaded when it is needed: it is big, and not every machine has Docker.
  const testcontainers = await import('testcontainers');
  const asked = within(testcontainers.getContainerRuntimeClient(), answerMs, 'finding Docker');
  const client = await asked.catch((error: unknown) => {
    const why = 'no container engine answers here: `docker info` says why';
    throw new Unavailable(why, { cause: error });
  });
  return { testcontainers, client };
}

/** An engine that has the image, pulled if need be. @throws Unavailable without one or the other */
export async function dockerEngineWith({ image, log }: ImageOptions): Promise<Engine> {
  const engine = await dockerEngine();
  const { client } = engine;
  const name = engine.testcontainers.ImageName.fromString(image);
  if (!(await client.image.exists(name))) {
    log(`pulling ${image} (once)`);
    const pulled = within(client.image.pull(name), pullMs, `pulling ${image}`);
    await pulled.catch((error: unknown) => {
      const why = `the engine cannot get ${image}: \`docker pull ${image}\` says why`;
      throw new Unavailable(why, { cause: error });
    });
  }
  await settleReaper(engine, log);
  return engine;
}

// Ryuk removes the containers of a process that was killed. Its image is one more to pull, which
// is no reason to go without Docker.
async function settleReaper({ testcontainers, client }: Engine, log: ImageOptions['log']) {
  if (process.env.TESTCONTAINERS_RYUK_DISABLED === 'true') return;
  try {
    await within(testcontainers.getReaper(client), reaperMs, 'starting Ryuk');
  } catch {
    log('going without Ryuk, which cleans up after a killed process: the engine cannot start it');
    process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  }
}

// Testcontainers would go on to the default socket, but who sets DOCKER_HOST means that engine.
async function assertDockerHost(): Promise<void> {
  const host = process.env.DOCKER_HOST;
  if (!host) return;
  const url = new URL(host);
  const isSocket = url.protocol === 'unix:' || url.protocol === 'npipe:';
  const target = isSocket
    ? { path: url.pathname }
    : { host: url.hostname, port: Number(url.port || 2375) };
  const socket = connect(target);
  try {
    await within(once(socket, 'connect'), answerMs, 'connecting');
  } catch (error) {
    throw new Unavailable(`DOCKER_HOST is ${host}, which does not answer`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** Starts a container; when `signal` aborts meanwhile, it is removed as soon as it exists. */
export async function startContainer(
  container: GenericContainer,
  signal?: AbortSignal,
): Promise<StartedTestContainer> {
  const started = await container.start();
  if (signal?.aborted) await started.stop({ remove: true });
  signal?.throwIfAborted();
  return started;
}

/** A server in a container. @param options.ready resolves when it takes connections */
export function containerServer(
  { client }: Engine,
  started: StartedTestContainer,
  { ready, keepsData }: { ready: () => Promise<unknown>; keepsData: boolean },
): Omit<Database, 'url' | 'how' | 'halt'> & { halt(withinMs?: number): Promise<void> } {
  const container = client.container.getById(started.getId());
  return {
    halt: (withinMs = haltMs) => client.container.stop(container, { timeout: withinMs }),
    kill: async () => {
      await container.kill();
      await container.wait();
    },
    resume: async () => {
      await container.start();
      await ready();
    },
    freeze: () => container.pause(),
    thaw: () => container.unpause(),
    stop: async () => {
      // Nothing to finish where nothing is kept.
      const timeout = keepsData ? stopMs : 0;
      await started.stop({ remove: true, removeVolumes: true, timeout });
    },
  };
}

/** The engine's host; as an address, where the name might mean two. */
export function hostOf(started: StartedTestContainer): string {
  const host = started.getHost();
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** Removes the container that a start which was killed has left, by its fixed name. */
export async function removeContainer({ client }: Engine, name: string): Promise<void> {
  const container = client.container.dockerode.getContainer(name);
  await container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
  });
}

/** The name of a container and its volume: each checkout has its own. */
export function checkoutName(kind: string, dataFolder: string): string {
  const hash = createHash('sha256').update(dataFolder).digest('hex').slice(0, 8);
  return `tradepost-${kind}-${hash}`;
}
