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
import { brokerAnswers } from './ready';
import { credentials, moveAgainSetting } from './settings';
import type { Broker, ProvideOptions } from './types';

export const image = 'rabbitmq:4-management';
const bootMs = 90_000;
const amqpPort = 5672;
const managementPort = 15672;
/** Of the Prometheus plugin, which the image enables. */
const metricsPort = 15692;

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
  const metricsUrl = `http://${host}:${started.getMappedPort(metricsPort)}`;
  const ready = (signal?: AbortSignal) =>
    brokerAnswers({ url, managementUrl, withinMs: bootMs, signal });
  const server = containerServer(engine, started, {
    ready,
    keepsData: options.dataFolder !== undefined,
  });
  try {
    const version = await ready(options.signal);
    const how = `Docker, ${image}, RabbitMQ ${version}`;
    const control = async (...args: string[]) => {
      const { exitCode, output } = await started.exec(['rabbitmqctl', ...args]);
      if (exitCode !== 0) throw new Error(output);
      return output;
    };
    return { url, managementUrl, metricsUrl, version, how, control, ...server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function brokerContainer(engine: Engine, { dataFolder, ports: wanted }: ProvideOptions) {
  const { GenericContainer, Wait } = engine.testcontainers;
  const name = dataFolder === undefined ? undefined : checkoutName('rabbitmq', dataFolder);
  if (name !== undefined) await removeContainer(engine, name);
  const preferred = [wanted?.amqp, wanted?.management, undefined] as const;
  const [amqp, management, metrics] = await freePorts(preferred);
  const container = new GenericContainer(image)
    .withEnvironment({
      RABBITMQ_DEFAULT_USER: credentials.user,
      RABBITMQ_DEFAULT_PASS: credentials.password,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-rabbit ${moveAgainSetting.join(' ')}`,
    })
    .withExposedPorts(
      { container: amqpPort, host: amqp },
      { container: managementPort, host: management },
      { container: metricsPort, host: metrics },
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
