import type { Hop } from '../api/journey';
import { withAll } from './recorded';

/** Seen hops with what is recorded of them, and recorded ones that were not seen; in time. */
export function mergeHops(seen: readonly Hop[], recorded: readonly Hop[]): Hop[] {
  const hops = [...seen];
  const ids = new Map<string, string>();
  const left = new Set(hops);
  for (const record of recorded) {
    const same = nearest(
      record,
      [...left].filter((hop) => isSame(hop, record)),
    );
    if (same === undefined) {
      hops.push(record);
      continue;
    }
    left.delete(same);
    ids.set(record.id, same.id);
    hops[hops.indexOf(same)] = withRecord(same, record);
  }
  // What was joined to a record is joined to what was seen of it.
  const linked = hops.map((hop) => ({ ...hop, cause: ids.get(hop.cause ?? '') ?? hop.cause }));
  return linked.sort((a, b) => a.at - b.at);
}

function isSame(hop: Hop, record: Hop): boolean {
  if (hop.kind !== record.kind || hop.service !== record.service) return false;
  if (hop.kind === 'http') return plain(hop.route) === plain(record.route);
  if (hop.kind === 'sent') return hop.contract === record.contract;
  if (hop.queue !== record.queue || isFailure(hop) !== isFailure(record)) return false;
  // Copies that were absorbed did nothing that a record could be about.
  if (hop.outcome === 'absorbed') return false;
  const { messageId = hop.messageId } = record;
  return hop.messageId === undefined || hop.messageId === messageId;
}

const isFailure = ({ outcome }: Hop) => ['retried', 'dead', 'failed'].includes(outcome);

const plain = (route = '') => route.replace(/\/:\w+/g, '/:id');

/** The same try if there is one, or else the closest in time. */
function nearest(record: Hop, hops: readonly Hop[]): Hop | undefined {
  const far = ({ at, attempt = 1 }: Hop) =>
    Math.abs(at - record.at) +
    (attempt === (record.attempt ?? 1) ? 0 : Number.MAX_SAFE_INTEGER / 2);
  return [...hops].sort((a, b) => far(a) - far(b))[0];
}

/** What was seen counts: how long a message waited, and was worked on, is told apart there. */
function withRecord(seen: Hop, record: Hop): Hop {
  const { body, bodyMade, since: _, ...known } = record;
  const made = seen.body === undefined && body !== undefined ? { body, bodyMade } : {};
  return { ...withAll(definedOf(seen), known), ...made };
}

function definedOf(hop: Hop): Hop {
  const known = Object.entries(hop).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as Hop;
}
