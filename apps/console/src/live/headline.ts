import type { Headline, QueueState, System } from '../api/live';

type Facts = Omit<System, 'headline' | 'at' | 'flow' | 'edges'>;

/** A message that waits for less is on its way. */
const waitingMs = 10_000;
const shown = new Intl.NumberFormat('en');

/** What needs a hand first; when nothing does, how things go. */
export function headlineOf(facts: Facts): Headline {
  return (
    brokerProblem(facts) ??
    serviceProblem(facts) ??
    bookProblem(facts) ??
    deadLetterProblem(facts) ??
    alertProblem(facts) ??
    waiting(facts) ?? { tone: 'ok', text: `All well · ${course(facts)}`, to: '/flow' }
  );
}

function brokerProblem({ broker }: Facts): Headline | undefined {
  const [alarm] = broker.alarms;
  if (broker.up && alarm === undefined) return undefined;
  const text = broker.up ? `The broker: ${alarm}` : 'The broker does not answer';
  return { tone: 'failed', text, to: broker.up ? '/topology' : '/flow' };
}

function serviceProblem(facts: Facts): Headline | undefined {
  const of = (state: string) => facts.services.filter((one) => one.state === state);
  const down = of('down');
  const failing = of('failing');
  const [first] = [...down, ...failing];
  if (first === undefined) return undefined;
  const isDown = down.length > 0;
  const names = (isDown ? down : failing).map(({ name }) => name);
  const are = `${namesIn(names)} ${names.length === 1 ? 'is' : 'are'}`;
  const waits = facts.queues
    .filter(({ service }) => names.includes(service))
    .reduce((sum, { depth, unacked }) => sum + (depth ?? 0) + (unacked ?? 0), 0);
  const text = `${are} ${isDown ? 'down' : 'not ready'} · ${counted(waits, 'message')} ${
    waits === 1 ? 'waits' : 'wait'
  }`;
  return { tone: 'failed', text, to: `/flow?service=${encodeURIComponent(first.name)}` };
}

function bookProblem({ booksBalance }: Facts): Headline | undefined {
  if (booksBalance !== false) return undefined;
  return { tone: 'failed', text: 'The books do not balance', to: '/ledger' };
}

function deadLetterProblem(facts: Facts): Headline | undefined {
  if (facts.deadLetters === 0) return undefined;
  const queues = facts.queues.filter(({ deadLetters }) => deadLetters > 0);
  const [only] = queues;
  const where = queues.length === 1 && only ? `?queue=${encodeURIComponent(only.name)}` : '';
  const text = `${counted(facts.deadLetters, 'dead letter')} · ${course(facts, ['dead'])}`;
  return { tone: 'failed', text, to: `/dead-letters${where}` };
}

function alertProblem(facts: Facts): Headline | undefined {
  const { critical } = facts.alerts;
  if (critical === 0) return undefined;
  const text = `${counted(critical, 'critical alert')} · ${course(facts)}`;
  return { tone: 'failed', text, to: '/logs?level=critical' };
}

function waiting(facts: Facts): Headline | undefined {
  const { queues, services } = facts;
  const [most] = queues
    .map((queue) => ({ name: queue.name, messages: longWaiting(queue) }))
    .filter(({ messages }) => messages > 0)
    .sort((a, b) => b.messages - a.messages);
  if (most !== undefined) {
    const count = counted(most.messages, 'message');
    const wait = most.messages === 1 ? 'waits' : 'wait';
    const text = `${count} ${wait} in ${most.name} · ${course(facts)}`;
    return { tone: 'waiting', text, to: `/flow?queue=${encodeURIComponent(most.name)}` };
  }
  const paused = services.flatMap(({ instances }) =>
    instances.flatMap(({ handlers }) => handlers.filter((one) => one.paused)),
  );
  const [first] = paused;
  if (first === undefined) return undefined;
  const text = `${first.name} is paused · ${course(facts)}`;
  return { tone: 'waiting', text, to: `/flow?queue=${encodeURIComponent(first.queue)}` };
}

/** Where the oldest waits for long: on the broker, and in the service's database. */
function longWaiting({ depth, oldestMs, held }: QueueState): number {
  const queued = (oldestMs ?? 0) >= waitingMs ? (depth ?? 0) : 0;
  return queued + (held !== null && held.oldestMs >= waitingMs ? held.waiting : 0);
}

/** `212 sales/min · 0 dead letters · books balance` */
function course(facts: Facts, without: 'dead'[] = []): string {
  const { salesPerMinute, deadLetters, booksBalance } = facts;
  const books = booksBalance ? 'books balance' : 'books do not balance';
  return [
    `${shown.format(Math.round(salesPerMinute))} sales/min`,
    ...(without.includes('dead') ? [] : [counted(deadLetters, 'dead letter')]),
    ...(booksBalance === undefined ? [] : [books]),
  ].join(' · ');
}

function namesIn(names: string[]): string {
  if (names.length > 3) return `${names.length} services`;
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function counted(count: number, what: string): string {
  return `${shown.format(count)} ${what}${count === 1 ? '' : 's'}`;
}
