import { Inject, Injectable } from '@nestjs/common';
import { Discovery } from '../handlers/discovery';
import { messagingOptions, type MessagingOptions } from '../messaging-options';
import { DeadLetters } from './dead-letters';

/** The dead letters of this service's own queues, and of no other. */
@Injectable()
export class ServiceDeadLetters {
  constructor(
    @Inject(messagingOptions) private readonly options: MessagingOptions,
    private readonly discovery: Discovery,
  ) {}

  /** On a connection of its own, so that what is held returns if anything goes wrong. */
  async use<T>(by: string, work: (deadLetters: DeadLetters) => Promise<T>): Promise<T> {
    const { service, amqpUrl, mode, queueReplicas } = this.options;
    const handlers = await this.discovery.handlers(service);
    const mine = handlers.filter(({ kind }) => kind !== 'rpc');
    return DeadLetters.use(
      {
        amqpUrl,
        mode,
        queueReplicas,
        queues: mine.map(({ queue }) => queue),
        by,
        contractOf: ({ queue }) => mine.find((handler) => handler.queue === queue)?.contract,
        waitMs: 10_000,
      },
      work,
    );
  }
}
