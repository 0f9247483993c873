import type { Channel, ChannelModel } from 'amqplib';
import { closeConnection, openConnection } from '../connection/connect';
import { asError, TopologyRefused } from '../errors';
import { bounded, NoAnswer } from '../time';
import { BrokerApi } from './broker-api';
import { compare, type Difference } from './differences';
import { declare, onChannel, type Topology } from './topology';

/** A broker that does not answer for so long is one that a service starts without. */
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 10_000;

/** What the broker says when it has a thing otherwise, or will not give it to this user. */
const refusals = new Set([403, 405, 406]);

/**
 * Asks the broker, over AMQP alone, whether it would refuse to declare what a service needs. Makes
 * nothing: what is missing is declared by the consumers. A broker that does not answer passes.
 * @throws TopologyRefused naming all that differs
 */
export async function refuseWrongTopology(
  url: string,
  service: string,
  needed: Topology,
): Promise<void> {
  let model: ChannelModel;
  try {
    model = await openConnection(url, `${service} topology`, connectTimeoutMs);
  } catch {
    // The runtime connects for ever, and says what is wrong.
    return;
  }
  try {
    const differences = await bounded(askBroker(model, needed), answerTimeoutMs, 'the broker');
    if (differences.length > 0) throw new TopologyRefused(service, differences);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  } finally {
    await closeConnection(model);
  }
}

/** What is there and differs, in the broker's own words. Bindings cannot differ. */
async function askBroker(model: ChannelModel, needed: Topology): Promise<Difference[]> {
  const differences: Difference[] = [];
  const answerOf = (question: (channel: Channel) => Promise<unknown>) =>
    onChannel(model, question).then(() => undefined, asError);
  const ask = async (what: 'queue' | 'exchange', name: string, only: Partial<Topology>) => {
    const isQueue = what === 'queue';
    const there = await answerOf(async (channel) =>
      isQueue ? channel.checkQueue(name) : channel.checkExchange(name),
    );
    const answer = there ?? (await answerOf((channel) => declare(channel, only)));
    if (answer === undefined || !refusals.has((answer as { code?: number }).code ?? 0)) return;
    const words = answer.message.replace(/^.*?with message "/, '').replace(/"$/, '');
    const reason = `${what}.declare is refused: ${words}`;
    const remedy = isQueue ? 'replace' : 'by-hand';
    differences.push({ kind: 'different', what, name, reason, remedy });
  };
  for (const one of needed.queues) await ask('queue', one.name, { queues: [one] });
  for (const one of needed.exchanges) await ask('exchange', one.name, { exchanges: [one] });
  return differences;
}

/**
 * Compares the desired topology with the broker's; changes nothing. Without a management API only
 * what differs can be seen, in the broker's own words; `unchecked` says so, a sentence each.
 * @throws when the broker or its management API does not answer
 */
export async function planTopology(
  desired: Topology,
  { amqpUrl, managementUrl }: { amqpUrl: string; managementUrl?: string },
): Promise<{ differences: Difference[]; unchecked: string[] }> {
  if (managementUrl !== undefined) {
    const found = await new BrokerApi(managementUrl, amqpUrl).found();
    return { differences: compare(desired, found), unchecked: [] };
  }
  const model = await openConnection(amqpUrl, 'topology plan');
  try {
    const differences = await askBroker(model, desired);
    const unchecked = ['no management API: missing and extra objects cannot be seen'];
    return { differences, unchecked };
  } finally {
    await closeConnection(model);
  }
}
