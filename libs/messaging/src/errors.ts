import { IntrinsicException } from '@nestjs/common';
import { inspect } from 'node:util';
import type { Difference } from './topology/differences';

// IntrinsicException: Nest does not print a stack for what the runtime itself reports in one line.
export class MessagingError extends IntrinsicException {
  override readonly name: string = this.constructor.name;
}

/** Never again: the handler's message is dead-lettered at once; over rpc it reaches the caller. */
export class Rejected extends MessagingError {
  /**
   * @param code stable and snake_case, such as `user_unknown`; never reused for another meaning
   * @param message what happened, for a person
   */
  constructor(
    readonly code: string,
    message: string = code,
  ) {
    super(message);
  }
}

/** A body that its contract does not allow. `problems` names each field and what is wrong. */
export class InvalidBody extends MessagingError {
  constructor(
    readonly contract: string,
    readonly problems: string[],
  ) {
    super(`${contract}: ${problems.join('; ')}`);
  }
}

/** A message's content is not JSON, or not an object. */
export class BadJson extends MessagingError {}

/** A message's content is compressed, or encoded in another way that is not decoded here. */
export class UnknownEncoding extends MessagingError {
  constructor(readonly encoding: string) {
    super(`content encoding "${encoding}" is not understood: send the content as it is, in UTF-8`);
  }
}

/**
 * A message without a message id, for a handler with a contract. A redelivered copy of it could not
 * be told from the next message, so that its effect could happen twice.
 */
export class MissingMessageId extends MessagingError {
  constructor() {
    super(
      'no message id: its sender has to set the property message_id, unique to each message, ' +
        'in at most 255 bytes of UTF-8 and without U+0000',
    );
  }
}

/** The broker has no queue for this message: no service that listens to it has ever started. */
export class Unroutable extends MessagingError {
  constructor(
    readonly exchange: string,
    readonly routingKey: string,
  ) {
    super(`no queue takes a message sent to exchange "${exchange}" with key "${routingKey}"`);
  }
}

/** The broker did not say within the deadline that it has the message: it may have it or not. */
export class PublishUnknown extends MessagingError {
  constructor(readonly timeoutMs: number) {
    super(`the broker did not confirm the message within ${timeoutMs} ms`);
  }
}

/** The broker said no: a queue is full, or it could not store the message. */
export class PublishRefused extends MessagingError {
  constructor(
    message = 'refused by the broker: a queue of the message is full, or cannot store it',
  ) {
    super(message);
  }
}

/** More messages wait for their confirm than the publisher may hold. Try again later. */
export class PublishBufferFull extends MessagingError {
  constructor(readonly pendingMax: number) {
    super(`${pendingMax} messages already wait for the broker`);
  }
}

/** An rpc got no answer before its deadline. The other side may have done it or not. */
export class RpcTimeout extends MessagingError {
  constructor(
    readonly queue: string,
    readonly timeoutMs: number,
  ) {
    super(`${queue} did not answer in ${timeoutMs} ms`);
  }
}

/** An rpc failed on the other side, or its link was lost while it waited. */
export class RpcFailed extends MessagingError {
  constructor(
    readonly queue: string,
    message: string,
  ) {
    super(`${queue}: ${message}`);
  }
}

/** The broker has, under the names that a service needs, what cannot keep the guarantee. */
export class TopologyRefused extends MessagingError {
  constructor(
    readonly service: string,
    readonly differences: Difference[],
  ) {
    const lines = differences.map(({ what, name, reason }) => `  ${what} ${name}: ${reason}`);
    super([`${service} cannot start: the broker has it otherwise`, ...lines].join('\n'));
  }
}

/** Strict mode: what a service needs is not on the broker, and it does not declare it. */
export class TopologyMissing extends MessagingError {
  /** @param missing `queue <name>`, `exchange <name>` */
  constructor(readonly missing: string[]) {
    super(
      `not on the broker: ${missing.join(', ')}. In strict mode a service declares nothing: ` +
        'apply the topology first (the command "topology apply", with the mode strict)',
    );
  }
}

export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : inspect(thrown));
}

/** Characters of a stack that are kept: some twenty lines of it. */
export const stackMax = 2_000;

/**
 * An error as fields of a log line. A known one, which says all by its name and message, has no
 * stack: those of the runtime are known, and every other that extends Nest's `IntrinsicException`.
 */
export function told(error: Error): { error: string; stack?: string } {
  const isKnown = error instanceof IntrinsicException;
  const text = `${error.name}: ${error.message}`;
  return { error: text, stack: isKnown ? undefined : error.stack?.slice(0, stackMax) };
}
