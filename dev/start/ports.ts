import { isFree } from '../local/ports';
import { type App, services } from '../../ops/migrate-services';

export type Ports = Record<App, number>;

const defaults: Ports = {
  orders: 3000,
  users: 3001,
  financial: 3002,
  payments: 3003,
  'log-sink': 3004,
  'sandbox-gateway': 3005,
};

/**
 * The ports: PORT_ORDERS, PORT_LOG_SINK and so on, or the usual ones.
 * @param apps that will run
 * @throws when one of theirs is no port, or is that of two
 */
export function readPorts(env: NodeJS.ProcessEnv, apps: readonly App[] = services): Ports {
  const ports = { ...defaults };
  for (const app of apps) {
    const text = env[variableOf(app)];
    if (text === undefined || text === '') continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`${variableOf(app)} is "${text}"; a port is 1 to 65535`);
    }
    ports[app] = port;
  }
  assertDistinct(ports, apps);
  return ports;
}

/** @throws naming every port that something else listens on, and how to take another */
export async function assertFree(ports: Ports, apps: readonly App[]): Promise<void> {
  const problems: string[] = [];
  for (const app of apps) {
    if (await isFree(ports[app])) continue;
    problems.push(
      `Port ${ports[app]} (${app}) is taken; stop what listens there, ` +
        `or choose another: ${variableOf(app)}=${ports[app] + 1000}`,
    );
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

// A second one would not start, and the first one's health would be taken for its own.
function assertDistinct(ports: Ports, apps: readonly App[]): void {
  for (const [index, app] of apps.entries()) {
    const other = apps.slice(0, index).find((earlier) => ports[earlier] === ports[app]);
    if (!other) continue;
    const names = `${variableOf(other)} or ${variableOf(app)}`;
    throw new Error(`Port ${ports[app]} is for both ${other} and ${app}; set ${names}`);
  }
}

function variableOf(app: App): string {
  return `PORT_${app.toUpperCase().replaceAll('-', '_')}`;
}
