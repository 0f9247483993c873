import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brokerAnswers } from './ready';
import { dataFolderFor, type DataFolder } from './data-folder';
import { credentials } from './settings';
import type { Broker, ProvideOptions } from './types';
import { endStale, readPids } from './stale-processes';
import { freePorts } from './ports';
import type { RabbitProgram } from './rabbitmq-program';
import { nodeEnvironment, writeSettings, type NodePlace } from './rabbitmq-settings';
import { ServerProcess } from './server-process';
import { steadyPath } from './steady-path';

const bootMs = 90_000;
const haltMs = 4_000;
const controlMs = 60_000;
// The node closes its stores in the first instant and then waits five seconds for nothing.
const stopMs = 2_500;

/** @returns a running node */
export async function startNode(
  program: RabbitProgram,
  { dataFolder, ports: wanted, signal }: ProvideOptions,
): Promise<Broker> {
  const home = await dataFolderFor('rabbitmq', dataFolder);
  await endNode(home.folder);
  const preferred = [wanted?.amqp, wanted?.management, undefined, undefined, undefined] as const;
  const [amqp, management, metrics, dist, epmd] = await freePorts(preferred);
  const ports = { amqp, management, metrics, dist, epmd };
  const keepsData = dataFolder !== undefined;
  if (keepsData) home.folder = await steadyPath(home.folder);
  // The port mapper of its own keeps the name from clashing.
  const place = { name: 'tradepost@localhost', ports };
  const node = new PrivateNode(program, home, place, keepsData);
  try {
    await node.resume(signal);
    return node;
  } catch (error) {
    await node.kill();
    await home.discard();
    throw error;
  }
}

/** A node of a cluster, in a folder of its own. */
export async function makeNode(program: RabbitProgram, place: NodePlace): Promise<PrivateNode> {
  return new PrivateNode(program, await dataFolderFor('rabbitmq', undefined), place, false);
}

/** Ends the node that a start which was itself killed has left in this folder. */
export async function endNode(folder: string): Promise<void> {
  await endStale(await readPids(join(folder, 'pids')), /rabbitmq-server|epmd/);
  await endStale(await readPids(join(folder, 'node.pid')), /beam/);
}

/**
 * A RabbitMQ node that shares nothing with the system's: its own folder, name, cookie, ports,
 * plugins, configuration and epmd. It listens on the loopback interface only.
 */
class PrivateNode implements Broker {
  readonly url: string;
  readonly managementUrl: string;
  readonly metricsUrl: string;
  how = '';
  version?: string;
  private server: ServerProcess | undefined;
  private epmd: ServerProcess | undefined;

  constructor(
    private readonly program: RabbitProgram,
    private readonly home: DataFolder,
    private readonly place: NodePlace,
    private readonly keepsData: boolean,
  ) {
    const { ports } = place;
    const { user, password } = credentials;
    this.url = `amqp://${user}:${password}@127.0.0.1:${ports.amqp}`;
    this.metricsUrl = `http://127.0.0.1:${ports.metrics}`;
    this.managementUrl = `http://${user}:${password}@127.0.0.1:${ports.management}`;
  }

  /** @throws with its last lines when it ends while booting */
  async resume(signal?: AbortSignal): Promise<void> {
    const { folder } = this.home;
    const { place } = this;
    await writeSettings(folder, place);
    const common = { cwd: folder, env: nodeEnvironment(folder, place) };
    if (!place.cluster) {
      this.epmd = new ServerProcess({
        ...common,
        command: this.program.epmd,
        args: ['-port', String(place.ports.epmd), '-address', '127.0.0.1'],
        logFile: join(folder, 'epmd.log'),
      });
    }
    const server = new ServerProcess({
      ...common,
      command: this.program.server,
      args: [],
      logFile: join(folder, 'console.log'),
    });
    this.server = server;
    await writeFile(join(folder, 'pids'), `${server.pid}\n${this.epmd?.pid ?? ''}\n`);
    const { url, managementUrl } = this;
    const booted = brokerAnswers({ url, managementUrl, withinMs: bootMs, signal });
    const died = server.exited.then(() => server.assertRunning());
    this.version = (await Promise.race([booted, died])) ?? '';
    this.how = `a private node of ${this.program.server}, RabbitMQ ${this.version}`;
  }

  async halt(withinMs = haltMs): Promise<void> {
    await this.server?.stop('SIGTERM', withinMs);
    await this.epmd?.kill();
  }

  async kill(): Promise<void> {
    await this.server?.kill();
    await this.epmd?.kill();
  }

  async freeze(): Promise<void> {
    this.server?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.server?.signal('SIGCONT');
  }

  async control(...args: string[]): Promise<string> {
    return this.run('rabbitmqctl', ...args);
  }

  /** @param tool that comes with the server: `rabbitmq-queues` */
  async run(tool: string, ...args: string[]): Promise<string> {
    const command = join(dirname(this.program.server), tool);
    const cwd = this.home.folder;
    const env = nodeEnvironment(cwd, this.place);
    const options = { cwd, env, timeout: controlMs };
    return (await promisify(execFile)(command, args, options)).stdout;
  }

  /** Of a node that is down: its data, as of a new machine. */
  async empty(): Promise<void> {
    await rm(join(this.home.folder, 'mnesia'), { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    if (this.keepsData) await this.halt(stopMs);
    else await this.kill();
    await this.home.discard();
  }
}
