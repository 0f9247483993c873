import type { Pattern } from '../handlers/pattern';

/** Where the messages of a contract go. */
interface Place {
  exchange?: string;
  queue?: string;
}

interface Handled {
  queue: string;
  bindings: readonly { exchange: string }[];
}

/** What a running service says that it sends, and takes. */
interface Declared {
  service: string;
  sends: readonly (Place & { contract: string; pattern: Pattern })[];
  handlers: readonly Handled[];
}

/** Whether one of these handlers takes what goes there. */
export function isHandled({ exchange, queue }: Place, handlers: readonly Handled[]): boolean {
  return handlers.some((one) =>
    exchange === undefined
      ? one.queue === queue
      : one.bindings.some((bound) => bound.exchange === exchange),
  );
}

/** Of what these services send, what none of them handles: a sentence each. */
export function unhandledAmong(services: readonly Declared[]): string[] {
  const handlers = services.flatMap((one) => one.handlers);
  return services.flatMap(({ service, sends }) =>
    sends
      .filter((one) => !isHandled(one, handlers))
      .map((one) => `${service} sends ${one.contract}, and ${nobody(one.contract, one.pattern)}`),
  );
}

const decorators = { work: 'OnWork', fanout: 'OnFanout', topic: 'OnTopic', rpc: 'OnRpc' } as const;
const fates = {
  work: 'what is sent waits in the outbox',
  fanout: 'what is sent waits in the outbox',
  topic: 'what is told is dropped',
  rpc: 'asking fails',
};

/** @param contract its name */
export function nobody(contract: string, pattern: Pattern): string {
  const remedy = `give a service a method with @${decorators[pattern]}(${contract})`;
  return `no service handles it, so ${fates[pattern]}: ${remedy}`;
}
