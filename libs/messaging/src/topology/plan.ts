import { connect } from 'amqplib';
import { settled } from '../time';
import { askBroker } from './boot-check';
import { BrokerApi } from './broker-api';
import { compare, type Difference } from './differences';
import type { Topology } from './topology';

export interface Plan {
  differences: Difference[];
  /** What could not be seen, a sentence each. */
  blind: string[];
}

const timeoutMs = 10_000;

/**
 * What is wanted against what the broker has. Changes nothing. Without a management API only what
 * differs can be seen, in the broker's own words.
 * @throws when the broker or its management API does not answer
 */
export async function planTopology(
  wanted: Topology,
  { amqpUrl, managementUrl }: { amqpUrl: string; managementUrl?: string },
): Promise<Plan> {
  if (managementUrl !== undefined) {
    const found = await new BrokerApi(managementUrl, amqpUrl).found();
    return { differences: compare(wanted, found), blind: [] };
  }
  const model = await connect(amqpUrl, { noDelay: true, timeout: timeoutMs });
  model.on('error', () => undefined);
  try {
    const differences = await askBroker(model, wanted);
    const blind = ['no management API: what is missing and what is extra cannot be seen'];
    return { differences, blind };
  } finally {
    await settled(model.close(), timeoutMs);
  }
}
