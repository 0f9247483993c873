import type { Channel, ChannelModel } from 'amqplib';
import { settled } from '../time';

const closeTimeoutMs = 2_000;

/** The broker's no: `code` 403, 404, 405 or 406. */
export interface Refusal extends Error {
  code: number;
}

/** Questions, one after the other. A refusal ends the channel: the next question gets another. */
export class Asking {
  private channel?: Channel;

  constructor(private readonly model: ChannelModel) {}

  /** @returns why it was refused @throws when there is no answer: the connection has ended */
  async ask(question: (channel: Channel) => Promise<unknown>): Promise<Refusal | undefined> {
    this.channel ??= await this.open();
    try {
      await question(this.channel);
      return undefined;
    } catch (error) {
      this.channel = undefined;
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  async end(): Promise<void> {
    if (this.channel !== undefined) await settled(this.channel.close(), closeTimeoutMs);
  }

  private async open(): Promise<Channel> {
    const channel = await this.model.createChannel();
    channel.on('error', () => undefined);
    return channel;
  }
}

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && typeof (error as Partial<Refusal>).code === 'number';
}
