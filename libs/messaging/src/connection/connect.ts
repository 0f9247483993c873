import { connect, type ChannelModel } from 'amqplib';
import type { Duplex } from 'node:stream';
import { settled } from '../time';

// A silent connection, with the messages and locks it holds, ends after two missed heartbeats.
const heartbeatSeconds = '10';
const closeTimeoutMs = 2_000;

/** @param name as the broker lists the connection */
export async function openConnection(
  amqpUrl: string,
  name: string,
  timeout = 10_000,
): Promise<ChannelModel> {
  const url = new URL(amqpUrl);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', heartbeatSeconds);
  const clientProperties = { connection_name: name };
  // Nagle's algorithm would hold every small frame back for up to 40 ms.
  const model = await connect(url.href, { noDelay: true, timeout, clientProperties });
  // Without a listener the end of a connection would be the end of the process.
  model.on('error', () => undefined);
  return model;
}

/** Closes the connection also when the broker does not answer, as under a memory alarm. */
export async function closeConnection(model: ChannelModel): Promise<void> {
  await settled(model.close(), closeTimeoutMs);
  dropConnection(model);
}

/** An error on the socket is the one way amqplib gives up a connection without a goodbye. */
export function dropConnection(model: ChannelModel, error?: Error): void {
  const { stream } = model.connection as unknown as { stream: Duplex };
  stream.destroy(error);
}
