import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brokerAnswers } from './ready';
import { dataFolderFor } from './data-folder';
import { credentials } from './settings';
import type { Broker, ProvideOptions } from './types';
import { endStale, readPids } from './stale-processes';
import { freePorts } from './ports';
import type { RabbitProgram } from './rabbitmq-program';
import { nodeEnvironment, writeSettings, type NodePorts } from './rabbitmq-settings';
import { ServerProcess } from './server-process';

const bootMs = 90_000;
const haltMs = 4_000;
// The node closes its stores in the first instant and then waits five seconds for nothing.
const stopMs = 2_500;

/**
 * A RabbitMQ node that shares nothing with the system's: its own folder, name, cookie, ports,
 * plugins, configuration and epmd. It listens on the loopback interface only.
 */
export async function startNode(
  program: RabbitProgram,
  { dataFolder, ports: wanted, signal }: ProvideOptions,
): Promise<Broker> {
  const home = await dataFolderFor('rabbitmq', dataFolder);
  await endNode(home.folder);
  const [amqp, management, dist, epmd] = await freePorts([
    wanted?.amqp,
    wanted?.management,
    undefined,
    undefined,
  ]);
  const node = new PrivateNode(program, home.folder, {
    amqp,
    management,
    dist,
    epmd,
  });
  const stop = async () => {
    if (dataFolder === undefined) await node.kill();
    else await node.halt(stopMs);
    await home.discard();
  };
  try {
    const version = await node.start(signal);
    const how = `a private node of ${program.server}, RabbitMQ ${version}`;
    return {
      url: node.url,
      managementUrl: node.managementUrl,
      version,
      how,
      halt: () => node.halt(),
      kill: () => node.kill(),
      resume: async () => void (await node.start()),
      freeze: async () => node.signal('SIGSTOP'),
      thaw: async () => node.signal('SIGCONT'),
      control: (...args) => node.control(args),
      stop,
    };
  } catch (error) {
    await node.kill();
    await home.discard();
    throw error;
  }
}

/** Ends the node that a start which was itself killed has left in this folder. */
export async function endNode(folder: string): Promise<void> {
  await endStale(await readPids(join(folder, 'pids')), /rabbitmq-server|epmd/);
  await endStale(await readPids(join(folder, 'node.pid')), /beam/);
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
    await writeSettings(this.folder, this.ports);
    const common = { cwd: this.folder, env: nodeEnvironment(this.folder, this.ports) };
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
    const { url, managementUrl } = this;
    const booted = brokerAnswers({ url, managementUrl, withinMs: bootMs, signal });
    const died = server.exited.then(() => server.assertRunning());
    return (await Promise.race([booted, died])) ?? '';
  }

  async halt(withinMs = haltMs): Promise<void> {
    await this.server?.stop('SIGTERM', withinMs);
    await this.epmd?.kill();
  }

  signal(signal: NodeJS.Signals): void {
    this.server?.signal(signal);
  }

  async control(args: string[]): Promise<string> {
    const command = join(dirname(this.program.server), 'rabbitmqctl');
    const env = nodeEnvironment(this.folder, this.ports);
    return (await promisify(execFile)(command, args, { cwd: this.folder, env })).stdout;
  }

  async kill(): Promise<void> {
    await this.server?.kill();
    await this.epmd?.kill();
  }
}
