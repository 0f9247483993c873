import { connect, type ChannelModel } from 'amqplib';
import type { Duplex } from 'node:stream';
import { keepBytes } from './property-list';
import { encodeAtOnce } from './publish-frames';
import { bounded, settled, until } from '../time';
import { type BrokerUrl, inTurn, nodesOf } from './nodes';
import { tlsOf } from './tls';

// A silent connection, with the messages and locks it holds, ends after two missed heartbeats.
const heartbeatSeconds = '10';
const closeTimeoutMs = 2_000;
// What one turn writes should fit: more than that looks like back pressure.
const writableHighWaterMark = 256 * 1_024;

/** How to reach the broker, beside its address: TLS, `credentials`, and what else amqplib takes. */
export type SocketOptions = NonNullable<Parameters<typeof connect>[1]>;

/** The host and port that each connection leads to. */
const nodes = new WeakMap<ChannelModel, string>();

/**
 * Of several nodes the first in turn that answers.
 * @param name as the broker lists the connection
 * @throws BadBrokerUrl
 * @throws NoAnswer when it is not open in time, whatever the other side does until then
 */
export async function openConnection(
  amqpUrl: BrokerUrl,
  name: string,
  given: SocketOptions = {},
  timeout = 10_000,
): Promise<ChannelModel> {
  const all = inTurn(nodesOf(amqpUrl));
  // All together take no longer than one would.
  const each = Math.ceil(timeout / all.length);
  let failure: unknown;
  for (const url of all) {
    try {
      return await openTo(url, name, given, each);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** `host:port` */
export function nodeOf(model: ChannelModel): string {
  return nodes.get(model) ?? '';
}

async function openTo(
  url: URL,
  name: string,
  given: SocketOptions,
  timeout: number,
): Promise<ChannelModel> {
  const tls = tlsOf(url.href);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', heartbeatSeconds);
  const clientProperties = { ...given.clientProperties, connection_name: name };
  // Nagle's algorithm would hold every small frame back for up to 40 ms.
  // The socket's: amqplib's own timeout begins anew with every byte that comes.
  const givenUp = new AbortController();
  const { signal } = givenUp;
  const own = { noDelay: true, clientProperties, writableHighWaterMark, signal };
  const opening = connect(url.href, { ...tls, ...given, ...own });
  const model = await bounded(opening, timeout, 'the broker').catch((error: unknown) => {
    givenUp.abort();
    opening.then(dropConnection, () => undefined);
    throw error;
  });
  nodes.set(model, url.host);
  writeOnceATurn(model);
  encodeAtOnce(model);
  keepBytes(model);
  // Without a listener the end of a connection would be the end of the process.
  model.on('error', () => undefined);
  return model;
}

/** What amqplib has under the hood, as far as it is used here. */
interface Internals {
  stream: Duplex;
  /** Gathers what the channels wrote in a turn, and then hands it on to the socket. */
  muxer: { _readIncoming: () => void };
  /** The first is the connection's own, and its buffer the socket. */
  channels: ({ buffer: Duplex } | null)[];
}

/**
 * Without it amqplib makes a system call for each message and each ack. The cork ends with the
 * call that began it: nothing stays in it.
 */
function writeOnceATurn(model: ChannelModel): void {
  const { stream, muxer } = internals(model);
  const handOn = muxer._readIncoming.bind(muxer);
  muxer._readIncoming = () => {
    stream.cork();
    try {
      handOn();
    } finally {
      stream.uncork();
    }
  };
}

/** Closes the connection also when the broker does not answer, as under a memory alarm. */
export async function closeConnection(model: ChannelModel): Promise<void> {
  await sayGoodbye(model);
  dropConnection(model);
}

/** Closes when what the channels wrote is on its way, which amqplib's own close overtakes. */
export async function sayGoodbye(model: ChannelModel): Promise<void> {
  const [, ...channels] = internals(model).channels;
  const isHandedOn = () => channels.every((channel) => !channel || isEmpty(channel.buffer));
  await until(isHandedOn, closeTimeoutMs / 2);
  await settled(model.close(), closeTimeoutMs);
}

/** An error on the socket is the one way amqplib gives up a connection without a goodbye. */
export function dropConnection(model: ChannelModel, error?: Error): void {
  internals(model).stream.destroy(error);
}

function internals(model: ChannelModel): Internals {
  return model.connection as unknown as Internals;
}

function isEmpty({ readableLength, writableLength }: Duplex): boolean {
  return readableLength + writableLength === 0;
}
