import type { Channel, ChannelModel } from 'amqplib';
import { closeConnection, openConnection, type SocketOptions } from '../connection/connect';
import type { BrokerUrl } from '../connection/nodes';
import type { Contract } from '../contract';
import { asError, TopologyMissing } from '../errors';
import { deadQueue, type Wiring } from '../handlers/handler';
import { takenBy } from '../ordered/keyed-topology';
import { lackingOf, missingExchange, PermissionMissing, type Lacking } from '../permission-missing';
import { bounded } from '../time';
import { Asking } from './asking';
import { writesOf } from './permissions';
import { isThere, partsOf } from './topology';
import type { Ways } from './ways';

/** A broker that does not answer for so long is one that a service starts without. */
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 10_000;
const notFound = 404;

interface Service {
  url: BrokerUrl;
  socketOptions?: SocketOptions;
  service: string;
  wirings: readonly Wiring[];
  sends?: readonly Contract[];
  ways: Ways;
}

interface Findings {
  missing: string[];
  lacking: Lacking[];
}

/**
 * Strict mode: looks for what a service takes from, and tries whether it may write to what it
 * writes to, before anything runs. A broker that does not answer passes. Bindings cannot be seen.
 * @throws TopologyMissing naming all queues and exchanges that are not there
 * @throws PermissionMissing naming all that the user may not do
 */
export async function checkApplied(service: Service): Promise<void> {
  const { url, socketOptions, service: name } = service;
  let model: ChannelModel;
  try {
    model = await openConnection(url, `${name} topology`, socketOptions, connectTimeoutMs);
  } catch {
    // The runtime connects for ever, and says what is wrong.
    return;
  }
  const look = async () => {
    const found = [await lookFor(model, service), await tryOut(model, service)];
    const { missing, lacking } = merged(found);
    if (missing.length > 0) throw new TopologyMissing(missing);
    if (lacking.length > 0) throw new PermissionMissing(lacking);
  };
  try {
    await bounded(look(), answerTimeoutMs, 'the broker');
  } catch (error) {
    // All else is for the runtime, which tries again.
    if (error instanceof TopologyMissing || error instanceof PermissionMissing) throw error;
  } finally {
    await closeConnection(model);
  }
}

function merged(all: Findings[]): Findings {
  return {
    missing: all.flatMap(({ missing }) => missing),
    lacking: all.flatMap(({ lacking }) => lacking),
  };
}

async function lookFor(model: ChannelModel, { wirings }: Service): Promise<Findings> {
  const findings: Findings = { missing: [], lacking: [] };
  const taken = wirings.flatMap(takenBy).map(({ queue }) => queue);
  const failing = wirings.filter(({ kind }) => kind !== 'rpc');
  const names = [...taken, ...failing.map(({ queue }) => deadQueue(queue))];
  const asking = new Asking(model);
  for (const part of partsOf({ queues: names.map((name) => ({ name, args: {} })) })) {
    const refused = await asking.ask(isThere(part));
    if (refused === undefined) continue;
    const lacking = lackingOf(refused);
    if (refused.code === notFound) findings.missing.push(part.id);
    else if (lacking !== undefined) findings.lacking.push({ ...lacking, permission: 'read' });
  }
  await asking.end();
  return findings;
}

/** Of topics it is not known by which key. */
async function tryOut(model: ChannelModel, { wirings, sends, ways }: Service): Promise<Findings> {
  const findings: Findings = { missing: [], lacking: [] };
  const sent = sends?.filter(({ route: { kind } }) => kind !== 'topic');
  let left = writesOf(wirings, sent, ways);
  while (left.length > 0) {
    const error = await refusalOf(model, left);
    if (error === undefined) break;
    const missing = missingExchange(error);
    const lacking = lackingOf(error);
    const name = missing ?? lacking?.name;
    // Neither: a broker without transactions.
    if (name === undefined || !left.includes(name)) break;
    if (missing !== undefined) findings.missing.push(`exchange ${missing}`);
    if (lacking !== undefined) findings.lacking.push(lacking);
    left = left.filter((one) => one !== name);
  }
  return findings;
}

// Methods of AMQP's class 90, transactions, which amqplib does not offer.
const [txSelect, txSelectOk, txRollback, txRollbackOk] = [10, 11, 30, 31].map(
  (method) => (90 << 16) | method,
) as [number, number, number, number];

type Rpc = (method: number, fields: object, answer: number) => Promise<unknown>;

/** A transaction that is rolled back: the broker checks each message, and keeps none. */
async function refusalOf(
  model: ChannelModel,
  exchanges: readonly string[],
): Promise<Error | undefined> {
  const channel = await model.createChannel();
  let refused: Error | undefined;
  channel.on('error', (error: Error) => (refused = error));
  const rpc = (channel as Channel & { rpc: Rpc }).rpc.bind(channel);
  try {
    await rpc(txSelect, {}, txSelectOk);
    for (const exchange of exchanges) channel.publish(exchange, '', Buffer.alloc(0));
    await rpc(txRollback, {}, txRollbackOk);
  } catch (error) {
    return refused ?? asError(error);
  }
  await channel.close();
  return undefined;
}
