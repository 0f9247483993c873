import { isEnd, type DeadLetter, type Facts, type Replica } from './facts';
import { rule, type Offender, type Rule } from './rule';

/** A relay that works sends a message within a second or two; under load there is always one. */
const lagMaxSeconds = 5;

interface Shut {
  service: string;
  queue: string;
  count: number | null;
}

/** Queues with letters that nobody can look into, once each however many replicas tell of them. */
function shut({ replicas, closed }: Facts): Iterable<Shut> {
  const queues = new Map<string, Shut>();
  for (const { service, deadLetters } of replicas) {
    for (const [queue, count] of Object.entries(deadLetters ?? {})) {
      if (count === null || closed.has(service)) queues.set(queue, { service, queue, count });
    }
  }
  return queues.values();
}

function orderOf({ body }: DeadLetter, { payments }: Facts): string | undefined {
  try {
    const about = JSON.parse(body) as Record<string, unknown> | null;
    const { orderId, paymentId } = about ?? {};
    if (typeof orderId === 'string') return orderId;
    return typeof paymentId === 'string' ? payments.get(paymentId)?.orderId : undefined;
  } catch {
    return undefined;
  }
}

/** Why it is not made good what the letter did not do; undefined: all the same it came to an end. */
function unexplained(
  letter: DeadLetter,
  facts: Facts,
  soFar: readonly Offender[],
): string | undefined {
  const id = orderOf(letter, facts);
  if (id === undefined) return 'it names neither an order nor a payment that is known';
  const order = facts.orders.get(id);
  if (!order) return `order ${id} does not exist`;
  if (!isEnd(order.status)) return `order ${id} is still ${order.status}`;
  const wrong = soFar.find(({ orderId }) => orderId === id);
  return wrong && `order ${id} offends ${wrong.rule}`;
}

export const messagingRules: Rule[] = [
  rule<Replica>({
    name: 'outbox-empty',
    of: ({ replicas }) => replicas,
    as: ({ service, url }) => ({ subject: `${service} ${url}` }),
    breach: ({ outboxLag }, _, { settled }) => {
      if (outboxLag === null) return 'it could not find out';
      const most = settled ? 0 : lagMaxSeconds;
      return outboxLag > most && `its oldest message has waited for ${outboxLag} s`;
    },
  }),
  rule<Replica>({
    name: 'dead-letters-counted',
    of: ({ replicas }) => replicas,
    as: ({ service, url }) => ({ subject: `${service} ${url}` }),
    breach: ({ deadLetters }) => deadLetters === null && 'it could not count its dead letters',
  }),
  rule<Shut>({
    name: 'dead-letters-readable',
    of: shut,
    as: ({ queue }) => ({ subject: queue }),
    breach: ({ service, count }, { closed }) =>
      count === null ? 'the queue is not there' : `${count} letters: ${closed.get(service)}`,
  }),
  // The last of all: it looks at what the others have found.
  rule<DeadLetter>({
    name: 'dead-letter-explained',
    of: ({ deadLetters }) => deadLetters,
    as: ({ queue, id }) => ({ subject: `${queue} ${id}` }),
    breach: (letter, facts, _, soFar) => {
      const why = unexplained(letter, facts, soFar);
      return why && `${letter.errorCode}: ${why}`;
    },
  }),
];
