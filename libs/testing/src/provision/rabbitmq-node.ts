import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertBroker, managedVersion } from './broker-ready';
import { dataHome } from './data-home';
import { credentials, type Broker, type ProvideOptions } from './kinds';
import { endLeftovers, readPids } from './leftovers';
import { freePorts } from './ports';
import type { RabbitProgram } from './rabbitmq-program';
import { ServerProcess } from './server-process';
import { until } from './until';

const bootMs = 90_000;
const haltMs = 4_000;
const nodeName = 'tradepost@localhost';

interface NodePorts {
  amqp: number;
  management: number;
  /** Between Erlang nodes; 3.10 will not start without it. */
  dist: number;
  epmd: number;
}

/**
 * A RabbitMQ node that shares nothing with the system's: its own folder, name, cookie, ports,
 * plugins, configuration and epmd. It listens on the loopback interface only.
 */
export async function startNode(
  program: RabbitProgram,
  { dataFolder, ports: wanted, signal }: ProvideOptions,
): Promise<Broker> {
  const home = await dataHome('rabbitmq', dataFolder);
  await endLeftovers(await readPids(join(home.folder, 'pids')), /rabbitmq-server|epmd/);
  await endLeftovers(await readPids(join(home.folder, 'node.pid')), /beam/);
  const [amqp, management, dist, epmd] = await freePorts([
    wanted?.amqp,
    wanted?.management,
    undefined,
    undefined,
  ]);
  const node = new PrivateNode(program, home.folder, {
    amqp: amqp!,
    management: management!,
    dist: dist!,
    epmd: epmd!,
  });
  const stop = async () => {
    await node.halt();
    await home.discard();
  };
  try {
    const version = await node.start(signal);
    const how = `a private node of ${program.server}, RabbitMQ ${version}`;
    return {
      url: node.url,
      managementUrl: node.managementUrl,
      how,
      halt: () => node.halt(),
      kill: () => node.kill(),
      resume: async () => void (await node.start()),
      stop,
    };
  } catch (error) {
    await node.kill();
    await home.discard();
    throw error;
  }
}

class PrivateNode {
  readonly url: string;
  readonly managementUrl: string;
  private server: ServerProcess | undefined;
  private epmd: ServerProcess | undefined;

  constructor(
    private readonly program: RabbitProgram,
    private readonly folder: string,
    private readonly ports: NodePorts,
  ) {
    const { user, password } = credentials;
    this.url = `amqp://${user}:${password}@127.0.0.1:${ports.amqp}`;
    this.managementUrl = `http://${user}:${password}@127.0.0.1:${ports.management}`;
  }

  /** @returns the version; a node that ends while booting is an error with its last lines */
  async start(signal?: AbortSignal): Promise<string> {
    await this.writeConfiguration();
    const common = { cwd: this.folder, env: this.environment() };
    this.epmd = new ServerProcess({
      ...common,
      command: this.program.epmd,
      args: ['-port', String(this.ports.epmd), '-address', '127.0.0.1'],
      logFile: join(this.folder, 'epmd.log'),
    });
    const server = new ServerProcess({
      ...common,
      command: this.program.server,
      args: [],
      logFile: join(this.folder, 'console.log'),
    });
    this.server = server;
    await writeFile(join(this.folder, 'pids'), `${server.pid}\n${this.epmd.pid}\n`);
    const ready = async () => {
      const version = await managedVersion(this.managementUrl);
      await assertBroker(this.url);
      return version;
    };
    const booted = until(ready, { what: 'RabbitMQ answers', withinMs: bootMs, signal });
    const died = server.exited.then(() => server.assertRunning());
    return (await Promise.race([booted, died])) ?? '';
  }

  async halt(): Promise<void> {
    await this.server?.stop('SIGTERM', haltMs);
    await this.epmd?.kill();
  }

  async kill(): Promise<void> {
    await this.server?.kill();
    await this.epmd?.kill();
  }

  private async writeConfiguration(): Promise<void> {
    const write = (name: string, lines: string[]) =>
      writeFile(join(this.folder, name), `${lines.join('\n')}\n`);
    await mkdir(join(this.folder, 'log'), { recursive: true });
    await write('enabled_plugins', ['[rabbitmq_management].']);
    await write('advanced.config', ['[].']);
    await write('rabbitmq-env.conf', []);
    await write('rabbitmq.conf', [
      `listeners.tcp.1 = 127.0.0.1:${this.ports.amqp}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${this.ports.management}`,
      `default_user = ${credentials.user}`,
      `default_pass = ${credentials.password}`,
      'log.file.level = warning',
    ]);
  }

  private environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('RABBITMQ_') && !name.startsWith('ERL_'),
    );
    const inFolder = (name: string) => join(this.folder, name);
    return {
      ...Object.fromEntries(inherited),
      // Erlang keeps its cookie, the secret between nodes, in the home folder.
      HOME: this.folder,
      ERL_EPMD_PORT: String(this.ports.epmd),
      RABBITMQ_NODENAME: nodeName,
      RABBITMQ_DIST_PORT: String(this.ports.dist),
      RABBITMQ_MNESIA_BASE: inFolder('mnesia'),
      RABBITMQ_LOG_BASE: inFolder('log'),
      RABBITMQ_GENERATED_CONFIG_DIR: inFolder('generated'),
      RABBITMQ_SCHEMA_DIR: inFolder('schema'),
      RABBITMQ_PID_FILE: inFolder('node.pid'),
      RABBITMQ_CONFIG_FILE: inFolder('rabbitmq.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: inFolder('advanced.config'),
      RABBITMQ_CONF_ENV_FILE: inFolder('rabbitmq-env.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: inFolder('enabled_plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    };
  }
}
