import type { Break } from './breaks';
import type { Channel, Party } from './channels';

/** What has become of a contract's way: its kind, exchange, queues, patterns and name. */
export function routeBreaks(
  old: Channel,
  same: Channel | undefined,
  all: readonly Channel[],
): Break[] {
  const types = [...new Set(Object.values(old.types))];
  if (same !== undefined) return [...nameBreaks(types, same), ...readerBreaks(old, same)];
  const [what = old.address] = types;
  const parties = old.readers.length > 0 ? old.readers : old.senders;
  const whom = parties.map(({ name }) => name);
  const moved = all.find((one) => Object.values(one.types).includes(what));
  if (moved === undefined) {
    const advice = 'Keep its handlers until no release sends it and nothing of it waits';
    return [{ what, change: 'removed', whom, advice }];
  }
  const place = 'work rpc'.includes(old.kind) ? 'queue' : 'exchange';
  const change =
    old.kind === moved.kind
      ? `${place} ${old.address} → ${moved.address}`
      : `${old.kind} → ${moved.kind}`;
  return [{ what, change, whom, advice: `Keep the ${old.kind}, and add the other beside it` }];
}

/** Who has handlers of his own tells messages by their type. */
function nameBreaks(types: readonly string[], { address, types: now }: Channel): Break[] {
  const known = Object.values(now);
  const gone = types.filter((type) => !known.includes(type));
  const [name] = known;
  return gone.map((what) => ({
    what,
    change: `renamed to ${name}`,
    whom: [`whoever reads the type of what comes from ${address}`],
    advice: `Keep it: static readonly type = '${what}'`,
  }));
}

/** Where a queue is no longer taken from, or its pattern is another. */
function readerBreaks(old: Channel, today: Channel): Break[] {
  return old.readers.flatMap((reader) => {
    const what = old.types[reader.messages[0] ?? ''] ?? old.address;
    const now = today.readers.find(({ queue }) => queue === reader.queue);
    const broken = (change: string, advice: string) => [
      { what, change, whom: [reader.name], advice },
    ];
    if (now === undefined) return goneBreak(reader, today, broken);
    if (now.key === reader.key) return [];
    const change = `pattern of ${reader.queue} ${reader.key} → ${now.key}`;
    return broken(change, 'Give the other pattern a queue of its own');
  });
}

function goneBreak(
  { handler, queue }: Party,
  today: Channel,
  broken: (change: string, advice: string) => Break[],
): Break[] {
  const moved = today.readers.find((one) => one.handler === handler);
  const advice = 'Keep its handler until nothing waits in the old queue';
  if (moved === undefined) return broken(`queue ${queue} is read by nobody`, advice);
  return broken(`queue ${queue} → ${moved.queue}`, advice);
}
