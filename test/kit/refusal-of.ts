import { connect, type Channel } from 'amqplib';

/**
 * Does `work` on a fresh connection: the broker remembers for a while what it has allowed.
 * @returns the code of the broker's refusal
 */
export async function refusalOf(
  amqpUrl: string,
  work: (channel: Channel) => Promise<unknown>,
): Promise<number | undefined> {
  const client = await connect(amqpUrl, { noDelay: true });
  client.on('error', () => undefined);
  try {
    const channel = await client.createChannel();
    let error: unknown;
    channel.on('error', (told) => (error = told));
    await work(channel).catch((thrown: unknown) => (error ??= thrown));
    return (error as { code?: number } | undefined)?.code;
  } finally {
    await client.close().catch(() => undefined);
  }
}

export type RawChannel = Channel;
