import * as contracts from '@tradepost/messaging/contract';
import type { Contract } from '@tradepost/messaging/contract';
import { BrokerApi } from '@tradepost/messaging';
import type { BrokerPlace } from '../broker-place';
import { services } from '../migrate-services';

/**
 * Dead-letter queues: those of the management API where there is one; without it those that follow
 * from the contracts, and the one that was named.
 */
export async function deadQueues(place: BrokerPlace, named?: string): Promise<string[]> {
  const known = place.managementUrl === undefined ? derived() : await listed(place);
  return named === undefined ? known : [...known, named];
}

async function listed({ amqpUrl, managementUrl = '' }: BrokerPlace): Promise<string[]> {
  const { queues } = await new BrokerApi(managementUrl, amqpUrl).found();
  return queues.map(({ name }) => name).filter((name) => name.endsWith('.dead'));
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
