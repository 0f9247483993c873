import type { Contract } from '../contract';
import { WiringError } from '../wiring-error';
import type { InOrder } from '../handlers/decorators';
import { partitionsDefault, type Partitions } from './slots';

/** What follows a dead letter of a key. */
export type OnDead = 'skip' | 'stop';

/** How a handler takes the messages of a key one after another. */
export interface InOrderWiring {
  /** The field of the body that has the key. */
  by: string;
  partitions: Partitions;
  onDead: OnDead;
}

/** @throws WiringError the contract has no such key: its messages are not sent in an order */
export function inOrderOf(
  handler: string,
  { name, route }: Contract,
  { orderedBy: by, partitions = partitionsDefault, onDead = 'skip' }: InOrder,
): InOrderWiring | undefined {
  if (by === undefined) return undefined;
  if (keyFieldOf({ route }) !== by) {
    throw new WiringError(
      `${handler}: ${name} is not sent in the order of "${by}": give its route { key: '${by}' }`,
    );
  }
  return { by, partitions, onDead };
}

/** The field by which messages of a contract are sent in order. */
export function keyFieldOf(contract: Pick<Contract, 'route'> | undefined): string | undefined {
  const route = contract?.route;
  return route !== undefined && 'key' in route ? route.key : undefined;
}
