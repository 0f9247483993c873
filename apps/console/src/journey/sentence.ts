import type { Hop } from '../api/journey';
import type { Payment } from '../api/orders';
import type { JourneyFacts } from './facts';

type Facts = Pick<JourneyFacts, 'order' | 'payments' | 'deadLetters'>;

/** "Paid after 212 ms; payments tried twice because the gateway timed out." */
export function sentenceOf(facts: Facts, hops: readonly Hop[], now: number): string {
  const parts = [
    outcomeOf(facts, now),
    ...facts.payments.flatMap(triesOf),
    ...retriesOf(hops),
    ...copiesOf(hops),
    ...deadLettersOf(facts),
  ];
  return [`${parts.join('; ')}.`, ...sourceOf(hops, now)].join(' ');
}

/** What happens is told within this time: what was just recorded may still be seen. */
const toldWithinMs = 2_000;

/** What was not seen is said. */
function sourceOf(hops: readonly Hop[], now: number): string[] {
  const acts = hops.filter(({ kind, at }) => kind !== 'sent' && now - at > toldWithinMs);
  const seen = acts.filter(({ source }) => source === 'seen').length;
  if (seen === acts.length) return [];
  if (seen === 0) return ['From records: nobody watched.'];
  const were = seen === 1 ? 'was' : 'were';
  return [`Of ${acts.length} steps ${seen} ${were} seen, the others are from records.`];
}

function outcomeOf({ order, payments }: Facts, now: number): string {
  const { timeline, status, createdAt } = order;
  const began = Date.parse(createdAt);
  const [first] = timeline;
  const entry = (state: string) => timeline.find((one) => one.state === state);
  const after = (state: string) => duration(Date.parse(entry(state)?.at ?? createdAt) - began);
  const because = (state: string) => {
    const [, reason] = /^[^:]*: (.*)$/s.exec(entry(state)?.cause ?? '') ?? [];
    return reason === undefined ? '' : `: ${reason.replaceAll('_', ' ')}`;
  };
  switch (status) {
    case 'completed':
      return `Paid after ${after('paid')} and booked`;
    case 'paid':
      return `Paid after ${after('paid')}, not booked yet`;
    case 'payment_failed':
      return `Not paid, after ${after(status)}${because(status)}`;
    case 'rejected':
      return `Rejected after ${after(status)}${because(status)}`;
    case 'cancelled':
      return `Cancelled after ${after(status)}${because(status) || because('cancel_pending')}`;
    case 'cancel_pending':
      return `Being cancelled: the money is on its way back`;
    default: {
      const since = duration(now - Date.parse(timeline.at(-1)?.at ?? first?.at ?? createdAt));
      const what = payments.length > 0 || status === 'awaiting_payment' ? 'its payment' : 'orders';
      return `Waits for ${what} since ${since}`;
    }
  }
}

const reasons: Record<string, string> = {
  timed_out: 'the gateway timed out',
  unavailable: 'the gateway was unavailable',
  pending: 'the gateway had not decided',
};

function triesOf({ attempts }: Payment): string[] {
  const charges = attempts.filter(({ operation = 'charge' }) => operation === 'charge');
  if (charges.length < 2) return [];
  const why = [...new Set(charges.slice(0, -1).flatMap(({ outcome }) => reasons[outcome] ?? []))];
  const because = why.length === 0 ? '' : ` because ${why.join(' and ')}`;
  return [`payments tried ${times(charges.length)}${because}`];
}

/** Those of others: payments has said its own. */
function retriesOf(hops: readonly Hop[]): string[] {
  const retries = hops.filter(
    ({ outcome, service }) => outcome === 'retried' && service !== 'payments',
  );
  const services = [...new Set(retries.map(({ service }) => service))];
  return services.map((service) => {
    const own = retries.filter((hop) => hop.service === service);
    const why = own.find(({ error }) => error?.code)?.error?.code;
    return `${service} failed ${times(own.length)}${why ? ` (${why})` : ''} and tried again`;
  });
}

function copiesOf(hops: readonly Hop[]): string[] {
  const count = hops.filter(({ outcome }) => outcome === 'absorbed').length;
  if (count === 0) return [];
  return [count === 1 ? 'a copy was absorbed' : `${count} copies were absorbed`];
}

function deadLettersOf({ deadLetters }: Facts): string[] {
  const [first] = deadLetters;
  if (first === undefined) return [];
  const where = `${first.queue} (${first.errorCode})`;
  if (deadLetters.length === 1) return [`a message is a dead letter of ${where}`];
  return [`${deadLetters.length} messages are dead letters, one of ${where}`];
}

function times(count: number): string {
  return ['', 'once', 'twice'][count] ?? `${count} times`;
}

/** In the unit that has one to three digits. */
export function duration(ms: number): string {
  const round = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toString());
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} days`;
}
