import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverEnvironment } from './server-environment';
import { credentials, moveAgainSetting } from './settings';

export interface NodePorts {
  amqp: number;
  management: number;
  metrics: number;
  /** Between Erlang nodes; 3.10 will not start without it. */
  dist: number;
  epmd: number;
}

/** What tells a node from others. */
export interface NodePlace {
  /** Data lies under it. */
  name: string;
  ports: NodePorts;
  /** Of a cluster, whose nodes find each other by a port mapper that somebody else runs. */
  cluster?: {
    /** The secret between them. */
    cookie: string;
    settings: string[];
  };
}

/** Lines of `rabbitmq.conf`. */
export function settingsOf({ ports, cluster }: NodePlace): string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'prometheus.tcp.ip = 127.0.0.1',
    `prometheus.tcp.port = ${ports.metrics}`,
    `default_user = ${credentials.user}`,
    `default_pass = ${credentials.password}`,
    ...(cluster?.settings ?? []),
  ];
}

/** Everything that a node reads, in its own folder. */
export async function writeSettings(folder: string, place: NodePlace): Promise<void> {
  const write = (name: string, lines: string[]) =>
    writeFile(join(folder, name), `${lines.join('\n')}\n`);
  await mkdir(join(folder, 'log'), { recursive: true });
  const plugins = 'rabbitmq_management, rabbitmq_amqp1_0, rabbitmq_prometheus';
  await write('enabled_plugins', [`[${plugins}].`]);
  await write('advanced.config', [`[{rabbit, [{${moveAgainSetting.join(', ')}}]}].`]);
  await write('rabbitmq-env.conf', []);
  const { cookie } = place.cluster ?? {};
  const file = join(folder, '.erlang.cookie');
  if (cookie !== undefined) await writeFile(file, cookie, { mode: 0o600 });
  await write('rabbitmq.conf', [...settingsOf(place), 'log.file.level = warning']);
}

/** The environment in which a node finds its own folder and nothing of the system's. */
export function nodeEnvironment(folder: string, { name, ports }: NodePlace): NodeJS.ProcessEnv {
  const inFolder = (name: string) => join(folder, name);
  return {
    ...serverEnvironment(),
    // Erlang keeps its cookie, the secret between nodes, in the home folder.
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_MNESIA_BASE: inFolder('mnesia'),
    RABBITMQ_LOG_BASE: inFolder('log'),
    RABBITMQ_GENERATED_CONFIG_DIR: inFolder('generated'),
    RABBITMQ_SCHEMA_DIR: inFolder('schema'),
    RABBITMQ_PID_FILE: inFolder('node.pid'),
    RABBITMQ_CONFIG_FILE: inFolder('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: inFolder('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: inFolder('rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: inFolder('enabled_plugins'),
    // `+fnu`: Erlang reads paths by the locale otherwise, and one that is not ASCII names other
    // files in another locale: queues whose data it cannot find.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+fnu -kernel inet_dist_use_interface {127,0,0,1}',
  };
}
