import { assertBroker, managedVersion } from './broker-ready';
import {
  checkoutName,
  dockerEngineWith,
  hostOf,
  removeContainer,
  startContainer,
  type Engine,
} from './docker';
import { credentials, type Broker, type ProvideOptions } from './kinds';
import { freePorts } from './ports';
import { moveAgainSetting } from './rabbitmq-settings';
import { until } from './until';

const image = 'rabbitmq:4-management';
const bootMs = 90_000;
const haltMs = 4_000;
const stopMs = 3_000;
const amqpPort = 5672;
const managementPort = 15672;

/**
 * RabbitMQ's own image, on ports of this machine that stay the same over `halt` and `resume`.
 * @throws Unavailable without an engine or the image
 */
export async function dockerBroker(
  options: ProvideOptions & { log: (line: string) => void },
): Promise<Broker> {
  const engine = await dockerEngineWith({ image, log: options.log });
  const container = await brokerContainer(engine, options);
  const started = await startContainer(container, options.signal);
  const host = hostOf(started);
  const login = `${credentials.user}:${credentials.password}`;
  const url = `amqp://${login}@${host}:${started.getMappedPort(amqpPort)}`;
  const managementUrl = `http://${login}@${host}:${started.getMappedPort(managementPort)}`;
  const ready = (signal?: AbortSignal) => untilReady(url, managementUrl, signal);
  const server = engine.client.container.getById(started.getId());
  const halt = () => engine.client.container.stop(server, { timeout: haltMs });
  const stop = async () => {
    // Nothing to finish where nothing is kept.
    const timeout = options.dataFolder === undefined ? 0 : stopMs;
    await started.stop({ remove: true, removeVolumes: true, timeout });
  };
  try {
    const version = await ready(options.signal);
    return {
      url,
      managementUrl,
      version,
      how: `Docker, ${image}, RabbitMQ ${version}`,
      halt,
      kill: async () => {
        await server.kill();
        await server.wait();
      },
      resume: async () => {
        await server.start();
        await ready();
      },
      freeze: () => server.pause(),
      thaw: () => server.unpause(),
      control: async (...args) => {
        const { exitCode, output } = await started.exec(['rabbitmqctl', ...args]);
        if (exitCode !== 0) throw new Error(output);
        return output;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function brokerContainer(engine: Engine, { dataFolder, ports: wanted }: ProvideOptions) {
  const { GenericContainer, Wait } = engine.testcontainers;
  const name = dataFolder === undefined ? undefined : checkoutName('rabbitmq', dataFolder);
  if (name !== undefined) await removeContainer(engine, name);
  const [amqp, management] = await freePorts([wanted?.amqp, wanted?.management]);
  const container = new GenericContainer(image)
    .withEnvironment({
      RABBITMQ_DEFAULT_USER: credentials.user,
      RABBITMQ_DEFAULT_PASS: credentials.password,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-rabbit ${moveAgainSetting.join(' ')}`,
    })
    .withExposedPorts(
      { container: amqpPort, host: amqp },
      { container: managementPort, host: management },
    )
    // A node's data lies under its name, which is made of the host's.
    .withHostname('tradepost')
    .withWaitStrategy(
      Wait.forHttp('/api/overview', managementPort, { abortOnContainerExit: true })
        .withBasicCredentials(credentials.user, credentials.password)
        .withReadTimeout(2_000)
        .withStartupTimeout(bootMs),
    );
  if (name === undefined) return container;
  return container
    .withName(name)
    .withBindMounts([{ source: name, target: '/var/lib/rabbitmq', mode: 'rw' }]);
}

function untilReady(url: string, managementUrl: string, signal?: AbortSignal): Promise<string> {
  const check = async () => {
    const version = await managedVersion(managementUrl);
    await assertBroker(url);
    return version;
  };
  return until(check, { what: 'RabbitMQ answers', withinMs: bootMs, signal });
}
