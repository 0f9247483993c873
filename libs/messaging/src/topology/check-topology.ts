import { connect, type Channel, type ChannelModel } from 'amqplib';
import { asError, TopologyRefused } from '../errors';
import { bounded, NoAnswer, settled } from '../time';
import { BrokerApi } from './broker-api';
import { compare, type Difference } from './differences';
import { declare, onChannel, type Topology } from './topology';

/** A broker that does not answer for so long is one that a service starts without. */
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 10_000;
const closeTimeoutMs = 1_000;

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
    const clientProperties = { connection_name: `${service} topology` };
    model = await connect(url, { noDelay: true, timeout: connectTimeoutMs, clientProperties });
  } catch {
    // The runtime connects for ever, and says what is wrong.
    return;
  }
  model.on('error', () => undefined);
  try {
    const differences = await bounded(askBroker(model, needed), answerTimeoutMs, 'the broker');
    if (differences.length > 0) throw new TopologyRefused(service, differences);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  } finally {
    await settled(model.close(), closeTimeoutMs);
  }
}

/** What is there and differs, in the broker's own words. Bindings cannot differ. */
async function askBroker(model: ChannelModel, needed: Topology): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const queue of needed.queues) {
    const there = await answerOf(model, (channel) => channel.checkQueue(queue.name));
    const only = { exchanges: [], queues: [queue], bindings: [] };
    const answer = there ?? (await answerOf(model, (channel) => declare(channel, only)));
    if (isRefusal(answer)) differences.push(difference('queue', queue.name, answer));
  }
  for (const exchange of needed.exchanges) {
    const there = await answerOf(model, (channel) => channel.checkExchange(exchange.name));
    const only = { exchanges: [exchange], queues: [], bindings: [] };
    const answer = there ?? (await answerOf(model, (channel) => declare(channel, only)));
    if (isRefusal(answer)) differences.push(difference('exchange', exchange.name, answer));
  }
  return differences;
}

function difference(what: 'queue' | 'exchange', name: string, { message }: Error): Difference {
  const reason = message.replace(/^.*?with message "/, '').replace(/"$/, '');
  const remedy = what === 'queue' ? 'replace' : 'by-hand';
  return { kind: 'different', what, name, reason: `${what}.declare is refused: ${reason}`, remedy };
}

function isRefusal(error: Error | undefined): error is Error {
  return error !== undefined && refusals.has((error as { code?: number }).code ?? 0);
}

async function answerOf(
  model: ChannelModel,
  question: (channel: Channel) => Promise<unknown>,
): Promise<Error | undefined> {
  return onChannel(model, question).then(() => undefined, asError);
}

export interface Plan {
  differences: Difference[];
  /** What could not be checked, a sentence each. */
  unchecked: string[];
}

const planTimeoutMs = 10_000;

/**
 * Compares the desired topology with the broker's; changes nothing. Without a management API only
 * what differs can be seen, in the broker's own words.
 * @throws when the broker or its management API does not answer
 */
export async function planTopology(
  desired: Topology,
  { amqpUrl, managementUrl }: { amqpUrl: string; managementUrl?: string },
): Promise<Plan> {
  if (managementUrl !== undefined) {
    const found = await new BrokerApi(managementUrl, amqpUrl).found();
    return { differences: compare(desired, found), unchecked: [] };
  }
  const model = await connect(amqpUrl, { noDelay: true, timeout: planTimeoutMs });
  model.on('error', () => undefined);
  try {
    const differences = await askBroker(model, desired);
    const unchecked = ['no management API: missing and extra objects cannot be seen'];
    return { differences, unchecked };
  } finally {
    await settled(model.close(), planTimeoutMs);
  }
}
