import { Injectable } from '@nestjs/common';
import type { ChannelModel } from 'amqplib';
import { asError } from './errors';
import { Runtime } from './runtime';

export interface MessagingState {
  ok: boolean;
  /** What is wrong, a sentence each. */
  problems: string[];
}

/** Asks the broker itself whether this service's consumers are there. */
@Injectable()
export class MessagingHealth {
  private model?: ChannelModel;

  constructor(private readonly runtime: Runtime) {
    runtime.consuming.onUp((model) => (this.model = model));
  }

  async check(): Promise<MessagingState> {
    const problems = this.ownProblems();
    if (problems.length === 0) problems.push(...(await this.askBroker()));
    return { ok: problems.length === 0, problems };
  }

  private ownProblems(): string[] {
    const { publishing, consuming, consumers } = this.runtime;
    if (!publishing.isUp || !consuming.isUp) return ['not connected to the broker'];
    if (publishing.blocked !== undefined) return [`blocked by the broker: ${publishing.blocked}`];
    return consumers.flatMap(({ queue, notConsumingBecause: why }) =>
      why === undefined ? [] : [`${queue}: ${why}`],
    );
  }

  // A queue that is missing closes the channel, so that each question has a channel of its own.
  private async askBroker(): Promise<string[]> {
    const { model } = this;
    if (model === undefined) return ['not connected to the broker'];
    try {
      const channel = await model.createChannel();
      channel.on('error', () => undefined);
      const problems: string[] = [];
      for (const { queue } of this.runtime.consumers) {
        const { consumerCount } = await channel.checkQueue(queue);
        if (consumerCount === 0) problems.push(`${queue}: the broker knows no consumer`);
      }
      await channel.close();
      return problems;
    } catch (error) {
      return [asError(error).message];
    }
  }
}
