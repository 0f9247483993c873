import type { Logger } from '@nestjs/common';
import type { Delivery } from '../consume/delivery';
import { EventProcessor, type Item } from '../consume/event-processor';
import { Gather } from '../consume/gather';
import { headerNames } from '../envelope';
import { asError } from '../errors';
import type { BatchOptions, Handler } from '../handlers/handler';
import { Message } from '../message';
import type { HandlerObserver } from '../observe/handler-observer';
import { endConsumed } from '../telemetry/consuming';
import { HeldDelivery } from './held-delivery';
import type { HeldMessages } from './held-messages';
import type { InOrderWiring } from './in-order';
import { heldMessage, type LineFailures } from './line-failures';
import { patiently } from './patiently';

interface Question {
  key: string;
  answer: (isHeld: boolean) => void;
  fail: (error: unknown) => void;
}

interface Options {
  handler: Handler;
  inOrder: InOrderWiring;
  failures: LineFailures;
  batch: BatchOptions;
  observer: HandlerObserver;
  held: HeldMessages;
  log: Logger;
  markHandled: (message: Message) => Promise<void>;
}

/** Keys asked about in one statement. */
const questionsMax = 256;

/**
 * One message of a key at a time, in the order in which they come. While one that failed waits in
 * the database, those of its key are put behind it there.
 */
export class InOrderProcessor extends EventProcessor {
  /** By key: what waits for the one that is in hand. */
  private readonly lines = new Map<string, Item[]>();
  private readonly questions = new Gather<Question>((asked) => this.askAll(asked), {
    size: questionsMax,
    restMs: 0,
  });

  constructor(private readonly options: Options) {
    const { handler, failures, batch, observer, held, log } = options;
    super(handler, failures, batch, observer, async (message) => {
      await options.markHandled(message);
      // It was replayed: its key goes on.
      await held.release(message.id).catch((error: unknown) => {
        log.warn('key stays stopped', { messageId: message.id, error: asError(error).message });
      });
    });
  }

  override async process(delivery: Delivery): Promise<void> {
    if (delivery.raw.properties.headers?.[headerNames.discarded] === undefined) {
      return super.process(delivery);
    }
    const { held, handler } = this.options;
    const { id } = Message.from(delivery.raw, handler);
    await this.patiently(delivery, async () => {
      await held.release(id);
      delivery.ack();
    });
  }

  protected override begin(item: Item): void {
    const { inOrder, failures } = this.options;
    const { body, message, delivery } = item;
    const key = String((body as Record<string, unknown>)[inOrder.by]);
    failures.noteKey(message, key);
    if (delivery instanceof HeldDelivery) return super.begin(item);
    const line = this.lines.get(key);
    if (line !== undefined) return void line.push(item);
    this.lines.set(key, []);
    void this.serve(key, item);
  }

  /** Never rejects. */
  private async serve(key: string, first: Item): Promise<void> {
    let item: Item | undefined = first;
    while (item !== undefined) {
      const { delivery, settled } = item;
      // What has not begun comes back, here or in another replica.
      if (delivery.isOver !== true) await this.patiently(delivery, this.oneOf(key, item));
      settled();
      item = this.lines.get(key)?.shift();
    }
    this.lines.delete(key);
  }

  private oneOf(key: string, item: Item): () => Promise<void> {
    const { held } = this.options;
    const { delivery, message } = item;
    return async () => {
      const isFirst = delivery.isReplay === true && (await held.isStopped(message.id));
      if (isFirst || !(await this.isHeld(key))) {
        return new Promise<void>((settled) => super.begin({ ...item, settled }));
      }
      await held.holdBehind(heldMessage(delivery.raw, message.id, key));
      delivery.ack();
      endConsumed(message);
    };
  }

  private async patiently(delivery: Delivery, work: () => Promise<void>): Promise<void> {
    const { log, handler } = this.options;
    await patiently(
      work,
      () => delivery.isOver === true,
      (error) => {
        log.warn('messages wait', { handler: handler.name, error: asError(error).message });
      },
    );
  }

  private async isHeld(key: string): Promise<boolean> {
    return new Promise<boolean>((answer, fail) => this.questions.add({ key, answer, fail }));
  }

  private async askAll(asked: Question[]): Promise<void> {
    try {
      const held = await this.options.held.heldOf(asked.map(({ key }) => key));
      for (const { key, answer } of asked) answer(held.has(key));
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
  }
}
