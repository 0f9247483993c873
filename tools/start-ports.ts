import { isFree } from '@tradepost/testing';
import { services, type Service } from './migrate-services';

export type Ports = Record<Service, number>;

const defaults: Ports = {
  orders: 3000,
  users: 3001,
  financial: 3002,
  payments: 3003,
  'log-sink': 3004,
};

/**
 * The services' ports: PORT_ORDERS, PORT_LOG_SINK and so on, or the usual ones.
 * @throws when one is no port, or is that of two services
 */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const ports = { ...defaults };
  for (const service of services) {
    const text = env[variableOf(service)];
    if (text === undefined || text === '') continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`${variableOf(service)} is "${text}"; a port is 1 to 65535`);
    }
    ports[service] = port;
  }
  assertDistinct(ports);
  return ports;
}

/** @throws naming every port that something else listens on, and how to take another */
export async function assertFree(ports: Ports): Promise<void> {
  const problems: string[] = [];
  for (const service of services) {
    if (await isFree(ports[service])) continue;
    problems.push(
      `Port ${ports[service]} (${service}) is taken; stop what listens there, ` +
        `or choose another: ${variableOf(service)}=${ports[service] + 1000} npm start`,
    );
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

// A second one would not start, and the first one's health would be taken for its own.
function assertDistinct(ports: Ports): void {
  for (const [index, service] of services.entries()) {
    const other = services.slice(0, index).find((earlier) => ports[earlier] === ports[service]);
    if (!other) continue;
    const names = `${variableOf(other)} or ${variableOf(service)}`;
    throw new Error(`Port ${ports[service]} is for both ${other} and ${service}; set ${names}`);
  }
}

function variableOf(service: Service): string {
  return `PORT_${service.toUpperCase().replaceAll('-', '_')}`;
}
