import { isEnd, type DeadLetter, type Facts, type Replica } from './facts';
import { rule, type Rule, type Subjects, type Violation } from './rule';

/** A relay that works sends a message within a second or two; under load there is always one. */
const lagMaxSeconds = 5;

interface UnreadableQueue {
  service: string;
  queue: string;
  count: number | null;
}

/** Queues whose dead letters cannot be read, once each however many replicas report them. */
const unreadableQueues: Subjects<UnreadableQueue> = {
  of: ({ replicas, unreadable }) => {
    const queues = new Map<string, UnreadableQueue>();
    for (const { service, deadLetters } of replicas) {
      for (const [queue, count] of Object.entries(deadLetters ?? {})) {
        if (count === null || unreadable.has(service)) queues.set(queue, { service, queue, count });
      }
    }
    return queues.values();
  },
  as: ({ queue }) => ({ subject: queue }),
};

const everyReplica: Subjects<Replica> = {
  of: ({ replicas }) => replicas,
  as: ({ service, url }) => ({ subject: `${service} ${url}` }),
};

const everyDeadLetter: Subjects<DeadLetter> = {
  of: ({ deadLetters }) => deadLetters,
  as: ({ queue, id }) => ({ subject: `${queue} ${id}` }),
};

function bodyOf({ body }: DeadLetter): Record<string, unknown> {
  try {
    return (JSON.parse(body) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

// As its sender spelled it: a dead letter has been read by nobody.
function idOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

/** Why the work of a dead letter is not done; undefined when it came to an end all the same. */
function unexplained(
  deadLetter: DeadLetter,
  facts: Facts,
  soFar: readonly Violation[],
): string | undefined {
  const body = bodyOf(deadLetter);
  const deliveryId = idOf(body['deliveryId']);
  if (deliveryId !== undefined) return unfinishedWebhook(deliveryId, facts);
  const paymentId = idOf(body['paymentId']) ?? '';
  const id = idOf(body['orderId']) ?? facts.payments.get(paymentId)?.orderId;
  if (id === undefined) return 'it is about no order, payment or webhook that is known';
  const order = facts.orders.get(id);
  if (!order) return `order ${id} does not exist`;
  if (!isEnd(order.status)) return `order ${id} is still ${order.status}`;
  const wrong = soFar.find((violation) => violation.orderId === id);
  return wrong && `order ${id} violates ${wrong.rule}`;
}

/** One that was given up is parked, and its merchant can see it: that is an end as well. */
function unfinishedWebhook(deliveryId: string, { deliveries }: Facts): string | undefined {
  const id = `msg_${deliveryId.replaceAll('-', '')}`;
  const status = deliveries.get(id);
  if (status === undefined) return `no endpoint has a webhook ${id}`;
  return status === 'pending' ? `webhook ${id} is still pending` : undefined;
}

export const messagingRules: Rule[] = [
  rule('outbox-empty', everyReplica, ({ outboxLag }, _, { settled }) => {
    if (outboxLag === null) return 'it could not find out';
    const most = settled ? 0 : lagMaxSeconds;
    return outboxLag > most && `its oldest message has waited for ${outboxLag} s`;
  }),
  rule(
    'dead-letters-counted',
    everyReplica,
    ({ deadLetters }) => deadLetters === null && 'it could not count its dead letters',
  ),
  rule('dead-letters-readable', unreadableQueues, ({ service, count }, { unreadable }) =>
    count === null ? 'the queue is not there' : `${count} dead letters: ${unreadable.get(service)}`,
  ),
  // The last of all: it looks at what the others have found.
  rule('dead-letter-explained', everyDeadLetter, (deadLetter, facts, _, soFar) => {
    const why = unexplained(deadLetter, facts, soFar);
    return why && `${deadLetter.errorCode}: ${why}`;
  }),
];
