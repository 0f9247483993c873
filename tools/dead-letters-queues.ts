import * as contracts from '@tradepost/contracts';
import type { Contract } from '@tradepost/contracts';
import type { BrokerPlace } from './broker-place';
import { services } from './migrate-services';

/**
 * Dead-letter queues: those of the management API where there is one; without it those that follow
 * from the contracts, and the one that was named.
 */
export async function deadQueues(place: BrokerPlace, named?: string): Promise<string[]> {
  const known = place.managementUrl === undefined ? derived() : await listed(place);
  return named === undefined ? known : [...known, named];
}

async function listed({ amqpUrl, managementUrl = '' }: BrokerPlace): Promise<string[]> {
  const { origin, username, password } = new URL(managementUrl);
  const user = [username, password].map(decodeURIComponent).join(':');
  const vhost = new URL(amqpUrl).pathname.slice(1) || '%2F';
  const response = await fetch(`${origin}/api/queues/${vhost}?columns=name`, {
    headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${origin}: ${response.status} ${await response.text()}`);
  const rows = (await response.json()) as { name: string }[];
  return rows.map(({ name }) => name).filter((name) => name.endsWith('.dead'));
}

function derived(): string[] {
  return all().flatMap(({ route }) => {
    if (route.kind === 'work') return [route.queue];
    if (route.kind === 'fanout') return services.map((service) => `${service}.${route.exchange}`);
    return [];
  });
}

export function contractNamed(name: string | undefined): Contract | undefined {
  return all().find((contract) => contract.name === name);
}

function all(): Contract[] {
  return Object.values(contracts).filter(
    (one): one is typeof one & Contract => typeof one === 'function' && 'route' in one,
  );
}
