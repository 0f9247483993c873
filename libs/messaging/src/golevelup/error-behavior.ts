import {
  ackErrorHandler,
  defaultNackErrorHandler,
  type MessageErrorHandler,
  MessageHandlerErrorBehavior as Behavior,
  requeueErrorHandler,
} from '@golevelup/nestjs-rabbitmq';

/** What is done when a handler fails: one of golevelup's three, or what the service wrote. */
export type OnError = Behavior | MessageErrorHandler;

const builtIn = new Map<unknown, Behavior>([
  [ackErrorHandler, Behavior.ACK],
  [defaultNackErrorHandler, Behavior.NACK],
  [requeueErrorHandler, Behavior.REQUEUE],
]);

export function onErrorOf(
  handler: MessageErrorHandler | undefined,
  behavior: Behavior = Behavior.REQUEUE,
): OnError {
  return handler === undefined ? behavior : (builtIn.get(handler) ?? handler);
}
