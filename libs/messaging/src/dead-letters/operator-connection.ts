import { connect, type ChannelModel } from 'amqplib';
import type { Duplex } from 'node:stream';
import { settled } from '../time';

const heartbeatSeconds = '10';
const connectTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;

export async function openConnection(amqpUrl: string, name: string): Promise<ChannelModel> {
  const url = new URL(amqpUrl);
  // A lock and dead letters held by a dead connection return after two missed heartbeats.
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', heartbeatSeconds);
  return connect(url.href, {
    noDelay: true,
    timeout: connectTimeoutMs,
    clientProperties: { connection_name: name },
  });
}

/** Closes the connection also when the broker does not answer, as under a memory alarm. */
export async function closeConnection(model: ChannelModel): Promise<void> {
  await settled(model.close(), closeTimeoutMs);
  const { stream } = model.connection as unknown as { stream: Duplex };
  stream.destroy();
}
