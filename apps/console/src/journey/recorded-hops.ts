import { validate, version } from 'uuid';
import type { Hop } from '../api/journey';
import type { JourneyFacts } from './facts';
import { withFailures } from './failure-records';
import { joinTries } from './join-tries';
import { goesTo, type OrderMessage, orderMessages } from './order-messages';
import { type Recorded, withAll } from './recorded';
import { serviceRecords } from './service-records';

/** A message whose id tells another time than its record is another one: it was sent again. */
const sameWithinMs = 5_000;

/**
 * What services keep of an order, as hops: when a record was written, and since when its message
 * was on its way. What leaves no record is missing: questions by rpc, copies that were absorbed.
 */
export function recordedHops(facts: JourneyFacts): Hop[] {
  const messages = orderMessages(facts);
  const records = withFailures(byAct(serviceRecords(facts)), facts);
  const hops = joinTries(records, facts.tierMs).map((hop) => complete(hop, messages, facts));
  const sent = messages.filter(({ isLater }) => !isLater);
  return [...hops, ...sent.map(sentHop)];
}

/** What one transaction wrote is one hop. */
function byAct(records: readonly Recorded[]): Recorded[] {
  const acts = new Map<string, Recorded>();
  for (const record of records) {
    const { queue = record.id, at } = record;
    const key = `${queue} ${at}`;
    const act = acts.get(key);
    acts.set(key, act ? withAll(act, record) : record);
  }
  return [...acts.values()];
}

function complete(
  record: Recorded,
  messages: readonly OrderMessage[],
  { handlers }: JourneyFacts,
): Hop {
  const { queue } = record;
  const handler = handlers.find((one) => one.queue === queue);
  const message = queue === undefined ? undefined : messages.find((one) => goesTo(one, queue));
  return {
    traceId: '',
    kind: 'handled',
    instance: '',
    tookMs: 0,
    ...(message && madeOf(message)),
    ...record,
    service: record.service ?? queue?.split('.')[0] ?? 'orders',
    ...(handler && {
      handler: handler.name,
      pattern: handler.pattern,
      contract: handler.contract,
      exchange: handler.bindings[0]?.exchange,
    }),
    ...(record.body === undefined && message && bodyOf(message)),
    ...(record.cause === undefined && origin(record, message)),
    source: 'recorded',
  };
}

function madeOf({ contract }: OrderMessage): Partial<Hop> {
  const { route, name } = contract;
  const exchange = route.kind === 'fanout' ? route.exchange : undefined;
  return { contract: name, pattern: route.kind, exchange };
}

function bodyOf({ body, without }: OrderMessage): Partial<Hop> {
  return { body, bodyMade: { without } };
}

/** Since when the message of a first try was on its way; of a later one the try before knows. */
function origin(record: Recorded, message: OrderMessage | undefined): Partial<Hop> {
  const { at, attempt = 1, messageId } = record;
  if (attempt > 1) return {};
  const sentAt = timeOf(messageId);
  const isOther = message && sentAt && Math.abs(sentAt - message.at) > sameWithinMs;
  const sender = message?.isLater ? message.cause : message?.id;
  const cause = isOther ? undefined : sender;
  const since =
    sentAt === undefined
      ? message && { ms: at - message.at, what: message.what }
      : { ms: at - sentAt, what: 'its message was sent' };
  // Of two clocks that differ nothing follows.
  return { cause, ...(since && since.ms >= 0 && { since }) };
}

/** When a message with this id was sent: a UUIDv7 says it. */
function timeOf(id: string | undefined): number | undefined {
  if (id === undefined || !validate(id) || version(id) !== 7) return undefined;
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

function sentHop(message: OrderMessage): Hop {
  const { id, service, at, cause, contract } = message;
  const { route } = contract;
  return {
    ...{ id, service, at, cause, source: 'recorded', kind: 'sent', outcome: 'ok' },
    ...{ traceId: '', instance: '', tookMs: 0 },
    ...madeOf(message),
    ...bodyOf(message),
    queue: route.kind === 'work' ? route.queue : undefined,
  };
}
