import { breaksOf, type Break, type Met } from './breaks';
import { channelsIn, type AsyncApi, type Channel, type Kind, type Party } from './channels';
import { routeBreaks } from './check-routes';
import { refusals } from './refusals';
import { areDisjoint, type Schema } from './schema';
import type { Meeting } from './words';

/** What was released, oldest first. */
export interface Release<D> {
  version: string;
  document: D;
}

const others: Record<Kind, string> = {
  work: 'a new work',
  fanout: 'a new event',
  topic: 'a new event',
  rpc: 'a new question',
};

/**
 * What of today's messages breaks whom, against one release.
 * Bodies of work, fanout and topic are kept, in outboxes, queues, retry tiers and dead letters, and
 * replicas of the release may still run: each side reads what the other writes. Of an rpc the
 * server reads old questions, and who asked reads today's answers.
 * @param later the releases after it
 */
export function checkMessages(
  old: AsyncApi,
  today: AsyncApi,
  later: readonly Release<AsyncApi>[] = [],
): Break[] {
  const now = channelsIn(today);
  return [...channelsIn(old)].flatMap(([id, channel]) => {
    const same = now.get(id);
    const moved = routeBreaks(channel, same, [...now.values()]);
    if (same === undefined) return moved;
    const since = later.map(({ version, document }) => {
      return { version, channel: channelsIn(document).get(id) };
    });
    return [...moved, ...bodyBreaks(channel, same, since)];
  });
}

interface Since {
  version: string;
  channel?: Channel;
}

function bodyBreaks(old: Channel, today: Channel, since: Since[]): Break[] {
  const other = others[today.kind];
  if (today.kind === 'rpc') return breaksOf(questionsMet(old, today), other, false);
  const after = since.find(({ channel }) => {
    return channel && met('old replicas', today, channel).every(isAccepted);
  })?.version;
  const [backward, forward] = [met('old bodies', old, today), met('old replicas', today, old)];
  if (after === undefined) return breaksOf([...backward, ...forward], other, true);
  const waits = breaksOf(forward, other, true).map((one) => ({ ...one, after }));
  return [...breaksOf(backward, other, true), ...waits];
}

function isAccepted({ refusals }: Met): boolean {
  return refusals.length === 0;
}

/** What readers of one side say to what the other writes. */
function met(meeting: Meeting, written: Channel, read: Channel): Met[] {
  const { address } = read;
  const anybody: Party = { name: `whoever listens to ${address}`, messages: mainOf(read) };
  const unknown = meeting === 'old replicas' ? [anybody] : [];
  const readers = read.readers.length > 0 ? read.readers : unknown;
  return readers.flatMap((reader) => {
    const [main] = reader.messages;
    return mainOf(written).map((name): Met => {
      const all = reader.messages.map((one) => refusals(bodyOf(written, name), bodyOf(read, one)));
      const isRead = all.some((one) => one.length === 0);
      const shown = read.types[main ?? ''] ?? name;
      return { meeting, name: shown, refusals: isRead ? [] : (all[0] ?? []), whom: [reader.name] };
    });
  });
}

/** What is sent, as far as somebody says so. */
function mainOf({ senders, readers, bodies }: Channel): string[] {
  const sent = senders.flatMap(({ messages }) => messages);
  const main = readers.flatMap(({ messages: [first] }) => first ?? []);
  const all = sent.length > 0 ? sent : main.length > 0 ? main : Object.keys(bodies);
  return [...new Set(all)];
}

function bodyOf({ bodies }: Channel, name: string): Schema {
  return bodies[name] ?? false;
}

function questionsMet(old: Channel, today: Channel): Met[] {
  const askers = old.senders.map(({ name }) => name);
  const whom = askers.length > 0 ? askers : [`whoever asks ${old.address}`];
  const asked = met('old bodies', old, today).map((one) => ({ ...one, whom }));
  if (old.reply === undefined || today.reply === undefined) return asked;
  const refused = refusals(today.reply.body, old.reply.body);
  const { name } = today.reply;
  return [...asked, { meeting: 'old replicas', name, refusals: refused, whom }];
}

/** Of today alone: an old body that may be taken for one of today's is never upcast. */
export function checkUpcasts(today: AsyncApi): Break[] {
  return [...channelsIn(today).values()].flatMap((channel) =>
    channel.readers.flatMap(({ name, messages: [main = '', ...olds] }) =>
      olds
        .filter((old) => !areDisjoint(bodyOf(channel, old), bodyOf(channel, main)))
        .map((old) => ({
          what: old,
          change: `not told apart from ${main}`,
          whom: [name],
          advice: `Give ${main} a required field that ${old} has not, or one of another type`,
        })),
    ),
  );
}
