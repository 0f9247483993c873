import type { ChannelModel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { closeConnection, openConnection, type SocketOptions } from '../connection/connect';
import type { BrokerUrl } from '../connection/nodes';
import { TopologyRefused } from '../errors';
import { lackingOf, PermissionMissing, type Lacking } from '../permission-missing';
import { bounded } from '../time';
import { Asking } from './asking';
import { BrokerApi } from './broker-api';
import type { Declarations } from './declarations';
import { compare, type Difference } from './differences';
import { declare, isThere, partsOf, type Topology } from './topology';

/** A broker that does not answer for so long is one that a service starts without. */
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 10_000;

/** What the broker says when it has a thing otherwise, or keeps it for another connection. */
const refusals = new Set([405, 406]);

export interface ServiceTopology {
  url: BrokerUrl;
  socketOptions?: SocketOptions;
  service: string;
  needed: Topology;
  declarations: Declarations;
}

/**
 * Sees over AMQP alone that a service can have what it needs: asks whether the broker would refuse
 * to declare what is there, and only then declares what is not; what is made at its first use is
 * tried too if the user turns out to lack permissions. A broker that does not answer passes.
 * @throws TopologyRefused naming all that differs
 * @throws PermissionMissing naming all that is missing and may not be made, bound or written to
 */
export async function prepareTopology({
  url,
  socketOptions,
  service,
  needed,
  declarations,
}: ServiceTopology): Promise<void> {
  let model: ChannelModel;
  try {
    model = await openConnection(url, `${service} topology`, socketOptions, connectTimeoutMs);
  } catch {
    // The runtime connects for ever, and says what is wrong.
    return;
  }
  const prepare = async () => {
    const { differences } = await askBroker(model, needed);
    if (differences.length > 0) throw new TopologyRefused(service, differences);
    const { lacking, isRestricted } = await declarations.tryTo(model, madeAt(needed, 'start'));
    if (isRestricted) {
      lacking.push(...(await declarations.tryTo(model, madeAt(needed, 'first use'))).lacking);
    }
    if (needed.queues.length > 0) lacking.push(...(await lackingToReply(model)));
    declarations.report(model);
    if (lacking.length > 0) throw new PermissionMissing(lacking);
  };
  try {
    await bounded(prepare(), answerTimeoutMs, 'the broker');
  } catch (error) {
    // All else is for the runtime, which tries again.
    if (error instanceof TopologyRefused || error instanceof PermissionMissing) throw error;
  } finally {
    await closeConnection(model);
  }
}

function madeAt(topology: Topology, when: 'start' | 'first use'): Topology {
  const isThen = ({ atFirstUse = false }) => atFirstUse === (when === 'first use');
  const { queues, exchanges, bindings, exchangeBindings } = topology;
  return {
    queues: queues.filter(isThen),
    exchanges: exchanges.filter(isThen),
    bindings: bindings.filter(isThen),
    ...(when === 'start' ? { exchangeBindings } : {}),
  };
}

/**
 * Dead letters and replies go through the default exchange. A message that no queue takes shows
 * whether they may: it is returned.
 */
async function lackingToReply(model: ChannelModel): Promise<Lacking[]> {
  const channel = await model.createConfirmChannel();
  let refused: unknown;
  channel.on('error', (error) => (refused = error));
  channel.publish('', `nobody.${randomUUID()}`, Buffer.alloc(0), { mandatory: true });
  await channel.waitForConfirms().catch(() => undefined);
  await channel.close().catch(() => undefined);
  const lacking = lackingOf(refused);
  return lacking === undefined ? [] : [lacking];
}

/** What is there and differs, in the broker's own words. Bindings cannot differ. */
async function askBroker(model: ChannelModel, { queues, exchanges }: Topology) {
  const differences: Difference[] = [];
  /** What is there, and its user may not compare. */
  const forbidden: string[] = [];
  const asking = new Asking(model);
  for (const part of partsOf({ queues, exchanges })) {
    const there = await asking.ask(isThere(part));
    const answer = there ?? (await asking.ask((channel) => declare(channel, part.only)));
    if (answer === undefined) continue;
    if (there === undefined && lackingOf(answer) !== undefined) forbidden.push(part.id);
    if (!refusals.has(answer.code)) continue;
    const words = answer.message.replace(/^.*?with message "/, '').replace(/"$/, '');
    const reason = `${part.what}.declare is refused: ${words}`;
    const remedy = part.what === 'queue' ? 'replace' : 'by-hand';
    differences.push({ kind: 'different', what: part.what, name: part.name, reason, remedy });
  }
  await asking.end();
  return { differences, forbidden };
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
    const { differences, forbidden } = await askBroker(model, desired);
    const unchecked = ['no management API: missing and extra objects cannot be seen'];
    if (forbidden.length > 0) {
      const why = 'the broker lets its user not declare them, so that these were not compared';
      unchecked.push(`${why}: ${forbidden.join(', ')}`);
    }
    return { differences, unchecked };
  } finally {
    await closeConnection(model);
  }
}
