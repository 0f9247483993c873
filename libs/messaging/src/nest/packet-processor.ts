import type { Logger } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import { type MessageHandler, type ReadPacket, RmqContext } from '@nestjs/microservices';
import type { Delivery } from '../consume/delivery';
import type { Processor } from '../consume/event-processor';
import { eachPart } from '../consume/each-part';
import { failureOf } from '../consume/failure-of';
import { Failures } from '../consume/failures';
import { hasOwnDeadLetters, Settlement } from '../consume/settlement';
import { inFlowIfRead } from '../context';
import { Rejected, told } from '../errors';
import type { Wiring } from '../handlers/handler';
import { Message, messageIdOf } from '../message';
import type { Publisher } from '../publish/publisher';
import { isTooLate } from '../rpc/rpc-processor';
import { inConsumeSpan } from '../telemetry/consuming';
import { note } from './message-of';
import { thrownIn } from './thrown';

/** Nest's wire format: with an id it is a question. */
export type Packet = ReadPacket & { id?: string };

export interface Call {
  packet: Packet;
  pattern: string;
  context: RmqContext;
  handler: MessageHandler | null;
  raw: ConsumeMessage;
  delivery: Delivery;
}

/** What the transport does for its handlers. */
export interface Transport {
  /** @throws what its deserializer throws */
  read(raw: ConsumeMessage, message: Message): Promise<Packet>;
  patternOf(packet: Packet): string;
  find(pattern: string): MessageHandler | null;
  /** Resolves when the handler is done, with its observable too. @throws what it throws */
  run(call: Call): Promise<void>;
  /** Sends what the handler gives, to its end. @param first is called before the first of it */
  answer(call: Call, first: () => void): Promise<void>;
}

/** Gives each message to the handler of its pattern, and settles it by how that ends. */
export class PacketProcessor implements Processor {
  private readonly failures: Failures;
  private readonly leavesRefused: boolean;

  constructor(
    private readonly transport: Transport,
    private readonly wiring: Wiring,
    private readonly publisher: Publisher,
    private readonly log: Logger,
  ) {
    this.failures = new Failures(wiring, publisher, log);
    this.leavesRefused = hasOwnDeadLetters(wiring);
  }

  async process(delivery: Delivery): Promise<void> {
    const take = async (one: Delivery, message: Message) => this.take(one, message);
    await eachPart(delivery, this.wiring, this.failures, take);
  }

  private async take(delivery: Delivery, message: Message): Promise<void> {
    const { transport } = this;
    const { raw } = delivery;
    const handle = async (): Promise<unknown> => {
      let packet: Packet;
      try {
        packet = await transport.read(raw, message);
      } catch (error) {
        return this.failures.settle(delivery, message, error);
      }
      const pattern = transport.patternOf(packet);
      const handler = transport.find(pattern);
      const retry = retryOf(handler);
      const failures = this.failuresOf(retry);
      const settlement = new Settlement(delivery, message, failures, this.leavesRefused);
      const context = new RmqContext([raw, settlement.channel, pattern]);
      note(context, withRetry(message, retry), messageIdOf(raw) !== undefined);
      const call = { packet, pattern, context, raw, delivery, handler };
      await (packet.id === undefined ? this.hear(settlement, call) : this.ask(settlement, call));
    };
    await inConsumeSpan(this.wiring, { delivery, message }, handle, inFlowIfRead);
  }

  private failuresOf(retry: Wiring['retry'] | undefined): Failures {
    if (retry === undefined) return this.failures;
    return new Failures({ ...this.wiring, retry }, this.publisher, this.log);
  }

  private async hear(settlement: Settlement, call: Call): Promise<void> {
    const { handler, context, pattern } = call;
    if (handler === null) {
      return settlement.failed(new Rejected('no_handler', `no handler hears "${pattern}"`));
    }
    try {
      await this.transport.run(call);
    } catch (error) {
      const failure = failureOf(thrownIn(context, error));
      if (settlement.isSettled) {
        const fields = { handler: this.wiring.name, pattern };
        this.log.error('handler failed after its ack', { ...fields, ...told(failure) });
      }
      return settlement.failed(failure);
    }
    await settlement.done();
  }

  /** Never tried again: whoever asks does that. */
  private async ask(settlement: Settlement, call: Call): Promise<void> {
    if (!isTooLate(call.raw, Date.now())) {
      // Acked before: an answer for which the broker ends the connection must not come back.
      const ack = () => void settlement.done();
      await this.transport.answer(call, ack);
    }
    await settlement.done();
  }
}

/** `@EventPattern('cat-born', undefined, { retry: ['1s'] })` has its own waits. */
function retryOf(handler: MessageHandler | null): Wiring['retry'] | undefined {
  return (handler?.extras as { retry?: Wiring['retry'] } | undefined)?.retry;
}

function withRetry(message: Message, retry: Wiring['retry'] | undefined): Message {
  if (retry === undefined) return message;
  const { prototype } = Message;
  const attemptsMax = retry.length + 1;
  return Object.assign(Object.create(prototype) as Message, message, { attemptsMax });
}
