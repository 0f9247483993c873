import { isFree } from '../local/ports';
import { appNames, apps, services, type AppName } from '../../apps/services';

export type Ports = Record<AppName, number>;

/**
 * The ports: PORT_ORDERS, PORT_LOG_SINK and so on, or the usual ones.
 * @param running the apps that will run
 * @throws when one of theirs is no port, or is that of two
 */
export function readPorts(env: NodeJS.ProcessEnv, running: readonly AppName[] = services): Ports {
  const ports = Object.fromEntries(appNames.map((name) => [name, apps[name].port])) as Ports;
  for (const app of running) {
    const text = env[variableOf(app)];
    if (text === undefined || text === '') continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`${variableOf(app)} is "${text}"; a port is 1 to 65535`);
    }
    ports[app] = port;
  }
  assertDistinct(ports, running);
  return ports;
}

/** @throws naming every port that something else listens on, and how to take another */
export async function assertFree(ports: Ports, running: readonly AppName[]): Promise<void> {
  const problems: string[] = [];
  for (const app of running) {
    if (await isFree(ports[app])) continue;
    problems.push(
      `Port ${ports[app]} (${app}) is taken; stop what listens there, ` +
        `or choose another: ${variableOf(app)}=${ports[app] + 1000}`,
    );
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

// A second one would not start, and the first one's health would be taken for its own.
function assertDistinct(ports: Ports, running: readonly AppName[]): void {
  for (const [index, app] of running.entries()) {
    const other = running.slice(0, index).find((earlier) => ports[earlier] === ports[app]);
    if (!other) continue;
    const names = `${variableOf(other)} or ${variableOf(app)}`;
    throw new Error(`Port ${ports[app]} is for both ${other} and ${app}; set ${names}`);
  }
}

function variableOf(app: AppName): string {
  return `PORT_${app.toUpperCase().replaceAll('-', '_')}`;
}
