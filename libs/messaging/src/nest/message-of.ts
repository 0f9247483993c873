import type { RmqContext } from '@nestjs/microservices';
import { MissingMessageId } from '../errors';
import { WiringError } from '../wiring-error';
import type { Message } from '../message';

const messages = new WeakMap<RmqContext, { message: Message; hasId: boolean }>();

export function note(context: RmqContext, message: Message, hasId: boolean): void {
  messages.set(context, { message, hasId });
}

/**
 * The message of a handler's context: for `once(tx, message)`, and to see which try it is.
 * @throws MissingMessageId its sender gave it none, as Nest's own client does unless it is told to:
 * a copy could not be told from another message
 * @throws WiringError the context is not of `RabbitStrategy`
 */
export function messageOf(context: RmqContext): Message {
  const known = messages.get(context);
  if (known === undefined) throw new WiringError('messageOf: the context is not of RabbitStrategy');
  if (!known.hasId) throw new MissingMessageId();
  return known.message;
}
