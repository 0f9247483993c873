import type { Contract } from '@tradepost/messaging/contract';
import { BrokerApi } from '@tradepost/messaging';
import type { BrokerEndpoints } from '../endpoints/broker';
import { services } from '../../apps/services';
import { everyContract } from '../topology/handlers';

/**
 * Dead-letter queues: those of the management API where there is one; without it those that follow
 * from the contracts, and the one that was named.
 */
export async function deadQueues(endpoints: BrokerEndpoints, named?: string): Promise<string[]> {
  const known = endpoints.managementUrl === undefined ? derived() : await listed(endpoints);
  return named === undefined ? known : [...known, named];
}

async function listed({ amqpUrl, managementUrl = '' }: BrokerEndpoints): Promise<string[]> {
  const { queues } = await new BrokerApi(managementUrl, amqpUrl).found();
  return queues.map(({ name }) => name).filter((name) => name.endsWith('.dead'));
}

function derived(): string[] {
  return everyContract().flatMap(({ route }) => {
    if (route.kind === 'work') return [route.queue];
    if (route.kind === 'fanout') return services.map((service) => `${service}.${route.exchange}`);
    return [];
  });
}

export function contractNamed(name: string | undefined): Contract | undefined {
  return everyContract().find((contract) => contract.name === name);
}
