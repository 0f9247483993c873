import type { ConsumeMessage } from 'amqplib';
import { bodyFrom, parseJson } from '../body';
import { isBundle } from '../bundle';
import { plainContent } from '../content';
import { inFlowOf } from '../context';
import { asError, MissingMessageId } from '../errors';
import type { BatchOptions, Handler } from '../handlers/handler';
import { Message, messageIdOf, type Failed, type Received } from '../message';
import type { Delivery } from './delivery';
import { openBundle, type Part } from './open-bundle';
import type { Failures } from './failures';
import { HandlerObserver, type Call } from '../observe/handler-observer';
import { Gather } from './gather';
import { endConsumed, inConsumeSpan, inConsumeSpans } from '../telemetry/consuming';
import { traceSettled } from '../telemetry/settling';
import { mayHoldBroken } from '../validation/storable';

export interface Processor {
  /** Resolves when the delivery is settled; never rejects. */
  process(delivery: Delivery): Promise<void>;
}

export interface Item extends Received<object> {
  delivery: Delivery;
  settled: () => void;
}

/** So many messages of a failed batch are tried at the same time. */
const aloneMax = 8;

/**
 * Gives messages to a handler, as many a call as its batch allows; without one, one a call. Done is
 * ack, failed is a retry or a dead letter. A call that throws says nothing of its messages: each is
 * tried alone, so that one bad message never takes others with it.
 */
export class EventProcessor implements Processor {
  private readonly calls: Gather<Item>;

  constructor(
    private readonly handler: Handler,
    private readonly failures: Failures,
    batch: BatchOptions,
    private readonly observer = new HandlerObserver(handler),
    /** Marks a replayed message as handled, before its ack. */
    private readonly markHandled?: (message: Message) => Promise<void>,
  ) {
    this.calls = new Gather(async (items) => this.call(items), batch);
  }

  async process(delivery: Delivery): Promise<void> {
    const { raw } = delivery;
    if (raw.fields.redelivered) this.observer.redelivered += 1;
    if (isBundle(raw)) return this.processBundle(delivery);
    return this.take(delivery, Message.from(raw, this.handler), () => bodyOf(this.handler, raw));
  }

  private async processBundle(delivery: Delivery): Promise<void> {
    const { handler, failures } = this;
    let parts: Part[];
    try {
      parts = openBundle(delivery, handler);
    } catch (error) {
      return this.refused(delivery, Message.from(delivery.raw, handler), asError(error));
    }
    // It came back: what a process may have died of must not take the others with it.
    if (delivery.raw.fields.redelivered) return failures.scatter(delivery, parts);
    const taken = parts.map(async (part) => {
      return this.take(part, part.message, () => checked(handler, part, () => part.data));
    });
    await Promise.all(taken);
  }

  private async take(delivery: Delivery, message: Message, read: () => object): Promise<void> {
    let body: object;
    try {
      body = read();
    } catch (error) {
      return this.refused(delivery, message, asError(error));
    }
    delivery.heldSince = undefined;
    await new Promise<void>((settled) => this.begin({ delivery, body, message, settled }));
  }

  /** Its next call has it. */
  protected begin(item: Item): void {
    this.calls.add(item);
  }

  private async call(items: Item[]): Promise<void> {
    hold(items, Date.now());
    const began = performance.now();
    let failed: Failed[];
    try {
      failed = await inConsumeSpans(this.handler, items, async () => this.invoke(items));
    } catch (error) {
      const [first, ...others] = items;
      if (first === undefined || others.length > 0) {
        this.observer.called(items, began, asError(error));
        return this.callEach(items);
      }
      failed = [{ message: first.message, error: asError(error) }];
    }
    // Not waited for: the next call does not depend on where a failed message goes.
    const alone = items.length === 1 ? failed[0]?.error : undefined;
    const call = this.observer.called(items, began, alone);
    for (const item of items) void this.settle(item, failed, call);
  }

  private async callEach(items: Item[]): Promise<void> {
    hold(items, undefined);
    const waiting = items.values();
    const worker = async (): Promise<void> => {
      for (const item of waiting) await this.call([item]);
    };
    await Promise.all(Array.from({ length: Math.min(aloneMax, items.length) }, worker));
  }

  private async settle(item: Item, failed: Failed[], call: Call): Promise<void> {
    const { delivery, message, body } = item;
    const failure = failed.find((one) => one.message === message);
    if (failure === undefined) {
      if (delivery.isReplay) await this.markHandled?.(message);
      delivery.ack();
      traceSettled('ack', message);
      this.observer.done(message, body, call);
    } else {
      const { error } = failure;
      await inFlowOf(message, async () => this.failed(delivery, message, error, body, call));
    }
    endConsumed(message);
    item.settled();
  }

  /** Its handler cannot have it. */
  private async refused(delivery: Delivery, message: Message, error: Error): Promise<void> {
    const failed = async () => this.failed(delivery, message, error);
    await inConsumeSpan(this.handler, { delivery, message }, failed);
  }

  private async failed(
    delivery: Delivery,
    message: Message,
    error: Error,
    body?: object,
    call?: Call,
  ): Promise<void> {
    const fate = await this.failures.settle(delivery, message, error);
    this.observer.failed(message, body, error, fate, call);
  }

  private async invoke(items: Item[]): Promise<Failed[]> {
    const { handler } = this;
    const [first] = items;
    if (handler.batch !== undefined) {
      const batch = items.map(({ body, message }): Received<object> => ({ body, message }));
      const run = async (): Promise<unknown> => handler.invoke(batch);
      const result = first && items.length === 1 ? inFlowOf(first.message, run) : run();
      return failuresAmong(items, await result);
    }
    if (first === undefined) return [];
    const { body, message, delivery } = first;
    // A plain golevelup method gets what golevelup gives: body, raw message, headers.
    const rest: unknown[] = handler.contract
      ? [message]
      : [delivery.raw, delivery.raw.properties.headers];
    await inFlowOf(message, async () => handler.invoke(body, ...rest));
    return [];
  }
}

/** @throws Error for a failure of what is not in the batch: the one it means would be acked */
function failuresAmong(items: Item[], result: unknown): Failed[] {
  if (result === undefined) return [];
  const failed = result as Failed[];
  const messages = new Set(items.map(({ message }) => message));
  if (Array.isArray(result) && failed.every(({ message }) => messages.has(message))) return failed;
  throw new Error(
    'a handler of batches returns nothing, or a list of failed messages of its batch',
  );
}

// Waiting for company or for its turn is not being held up.
function hold(items: Item[], since: number | undefined): void {
  for (const { delivery } of items) delivery.heldSince = since;
}

/** @throws MissingMessageId, UnknownEncoding, BadJson, InvalidBody */
export function bodyOf(handler: Handler, raw: ConsumeMessage): object {
  const hasId = messageIdOf(raw) !== undefined;
  const parse = () => parseJson(plainContent(raw));
  return checked(handler, { hasId, mayBeBroken: mayHoldBroken(raw.content) }, parse);
}

function checked(
  { contract, kind }: Handler,
  { hasId, mayBeBroken }: Pick<Part, 'hasId' | 'mayBeBroken'>,
  parse: () => object,
): object {
  if (contract === undefined) return parse();
  if (kind !== 'rpc' && !hasId) throw new MissingMessageId();
  return bodyFrom(contract, parse(), mayBeBroken);
}
