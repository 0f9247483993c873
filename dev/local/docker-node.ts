import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { within } from '@tradepost/messaging/testing';
import { containerServer, startContainer, type Engine } from './docker';
import type { ClusterNode } from './rabbitmq-cluster';
import { brokerAnswers } from './ready';
import { settingsOf, type NodePlace } from './rabbitmq-settings';
import { credentials, moveAgainSetting } from './settings';

const bootMs = 120_000;
const controlMs = 60_000;

interface Running {
  container: StartedTestContainer;
  server: ReturnType<typeof containerServer>;
}

/**
 * A node of a cluster in a container, on the network of this machine: its nodes find each other
 * and their clients find them as those that run without containers.
 */
export class ContainerNode implements ClusterNode {
  readonly url: string;
  readonly managementUrl: string;
  how = '';
  version?: string;
  private running?: Running;

  constructor(
    private readonly engine: Engine,
    private readonly image: string,
    private readonly place: NodePlace,
  ) {
    const { ports } = place;
    const login = `${credentials.user}:${credentials.password}`;
    this.url = `amqp://${login}@127.0.0.1:${ports.amqp}`;
    this.managementUrl = `http://${login}@127.0.0.1:${ports.management}`;
  }

  async resume(signal?: AbortSignal): Promise<void> {
    if (this.running) await this.running.server.resume();
    else await this.create(signal);
  }

  async halt(withinMs?: number): Promise<void> {
    await this.running?.server.halt(withinMs);
  }

  async kill(): Promise<void> {
    await this.running?.server.kill();
  }

  async freeze(): Promise<void> {
    await this.running?.server.freeze();
  }

  async thaw(): Promise<void> {
    await this.running?.server.thaw();
  }

  async control(...args: string[]): Promise<string> {
    return this.run('rabbitmqctl', ...args);
  }

  async run(tool: string, ...args: string[]): Promise<string> {
    const asked = this.running?.container.exec([tool, ...args]);
    const answer = await (asked && within(asked, controlMs, tool));
    if (answer?.exitCode === 0) return answer.output;
    throw new Error(answer?.output ?? `${this.place.name} does not run`);
  }

  async empty(): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    await this.running?.server.stop();
    this.running = undefined;
  }

  private async create(signal?: AbortSignal): Promise<void> {
    const container = await startContainer(this.container(), signal);
    const server = containerServer(this.engine, container, {
      ready: () => this.answers(),
      keepsData: false,
    });
    this.running = { container, server };
    this.version = await this.answers(signal);
    this.how = `Docker, ${this.image}, RabbitMQ ${this.version}`;
  }

  private async answers(signal?: AbortSignal): Promise<string> {
    const { url, managementUrl } = this;
    return brokerAnswers({ url, managementUrl, withinMs: bootMs, signal });
  }

  private container(): GenericContainer {
    const { GenericContainer, Wait } = this.engine.testcontainers;
    const { name, ports, cluster } = this.place;
    const erlang = ['-rabbit', ...moveAgainSetting, '-kernel inet_dist_use_interface {127,0,0,1}'];
    return (
      new GenericContainer(this.image)
        .withNetworkMode('host')
        .withEnvironment({
          ERL_EPMD_PORT: String(ports.epmd),
          RABBITMQ_NODENAME: name,
          RABBITMQ_DIST_PORT: String(ports.dist),
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: erlang.join(' '),
        })
        .withCopyContentToContainer([
          {
            content: `${settingsOf(this.place).join('\n')}\n`,
            target: '/etc/rabbitmq/conf.d/20-tradepost.conf',
            mode: 0o644,
          },
          {
            content: cluster?.cookie ?? '',
            target: '/var/lib/rabbitmq/.erlang.cookie',
            mode: 0o400,
          },
        ])
        // What it answers is looked at afterwards.
        .withWaitStrategy(Wait.forSuccessfulCommand('true'))
    );
  }
}
