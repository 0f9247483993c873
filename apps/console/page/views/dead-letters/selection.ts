import type {
  DeadLetter,
  DeadLetterGroup,
  DeadLetterSearch,
  DeadLetterSelection,
} from '../../../src/api/dead-letters';
import { count, counted } from '../../parts/format';
import { listed } from '../words';

/** What an act is for: which dead letters, and what is known of them. */
export interface Target {
  selection: DeadLetterSelection;
  /** In words: "3 picked messages", "412 messages that match". */
  text: string;
  count: number;
  queues: string[];
  services: string[];
}

/** An id may be a dead letter of several queues: an event that each of them failed to handle. */
export function keyOf({ id, queue }: Pick<DeadLetter, 'id' | 'queue'>): string {
  return `${id}@${queue}`;
}

export function idOf(key: string): string {
  const at = key.lastIndexOf('@');
  return at < 0 ? key : key.slice(0, at);
}

export function targetOfOne(message: DeadLetter): Target {
  const { id, queue, service } = message;
  return {
    selection: { ids: [id], queue },
    text: 'This message',
    count: 1,
    queues: [queue],
    services: [service],
  };
}

export function targetOfPicked(messages: DeadLetter[]): Target {
  const queues = distinct(messages.map(({ queue }) => queue));
  return {
    selection: {
      ids: distinct(messages.map(({ id }) => id)),
      ...(queues.length === 1 && { queue: queues[0] }),
    },
    text: `The ${counted(messages.length, 'picked message')}`,
    count: messages.length,
    queues,
    services: distinct(messages.map(({ service }) => service)),
  };
}

export function targetOfSearch(search: DeadLetterSearch, groups: DeadLetterGroup[]): Target {
  const all = groups.reduce((sum, group) => sum + group.count, 0);
  return {
    selection: search,
    text: all === 1 ? 'The message' : `All ${count(all)} messages`,
    count: all,
    queues: distinct(groups.map(({ queue }) => queue)),
    services: distinct(groups.map(({ service }) => service)),
  };
}

/** Why an act cannot be asked for with this target; undefined: it can. */
export function hindrance({ services, selection, count: messages }: Target): string | undefined {
  if (messages === 0) return 'No message is selected.';
  if (services.length > 1) {
    return `These belong to ${listed(services)}: choose a cause, or messages of one service.`;
  }
  if (Object.keys(selection).length === 0) {
    return 'This is every dead letter there is: choose a cause, search, or pick messages.';
  }
  return undefined;
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}
