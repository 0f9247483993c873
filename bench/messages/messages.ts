import { cpuFigures, measure, type Pids } from '../harness/measure';
import type { Figures, Scale, Setting, Subject, Work } from '../harness/work';
import { window } from '../peers/peer';
import { PeerSubject, type Parts } from '../peers/peer-subject';
import type { PeerName } from '../peers/peers';
import type { Handled, Published } from '../peers/protocol';

const subjects: Record<Scale, readonly PeerName[]> = {
  full: [
    'tradepost',
    'tradepost batch',
    'tradepost outbox',
    'golevelup',
    'golevelup batch',
    'golevelup readme',
    'nest',
    'nest on tradepost',
    'rascal',
    'rabbitmq-client',
    'amqplib',
    'amqplib unchecked',
  ],
  quick: [
    'tradepost',
    'tradepost batch',
    'tradepost outbox',
    'golevelup',
    'nest',
    'nest on tradepost',
    'amqplib',
  ],
  smoke: ['tradepost', 'tradepost outbox', 'golevelup', 'rascal'],
};

const counts: Record<Scale, number> = { full: 20_000, quick: 4_000, smoke: 20 };
/** Above what the slowest of them takes. */
const deadlineMs: Record<Scale, number> = { full: 60_000, quick: 15_000, smoke: 15_000 };

/** Messages a figure of CPU is for. */
export const unit = 1_000;

const withDatabase = new Set<PeerName>([
  'tradepost outbox',
  'tradepost alone',
  'tradepost in order',
  'tradepost one by one',
]);

export const messages: Work = {
  name: 'messages',
  title: (scale) =>
    `${counts[scale].toLocaleString('en-US')} sales of 500 bytes, published with confirms, ` +
    `${window} at a time, to a quorum queue, and handled and validated in another process. ` +
    `CPU is for ${unit.toLocaleString('en-US')} of them.`,
  subjects: (setting) =>
    subjects[setting.scale].map((name) => messagesSubject(name, setting, counts[setting.scale])),
  columns: {
    handledPerSecond: 'handled/s',
    confirmedPerSecond: 'confirmed/s',
    cpuMs: 'CPU ms',
    'cpuOfService.publisher': 'publisher',
    'cpuOfService.consumer': 'consumer',
    'cpu.broker': 'broker',
    'cpu.postgres': 'PostgreSQL',
    copies: 'copies',
    failed: 'failed',
  },
  ratios: ['handledPerSecond', 'confirmedPerSecond', 'cpuMs'],
};

/** Publishes and handles `count` messages a run. */
export function messagesSubject(name: PeerName, setting: Setting, count: number): Subject {
  const { scale } = setting;
  let next = 0;
  const go = async (parts: Parts, some: number) => {
    const from = next;
    next += some;
    const load = { from, count: some, inFlight: window };
    return publishAndHandle(parts, load, deadlineMs[scale]);
  };
  return new PeerSubject(setting, {
    name,
    roles: { near: 'publisher', far: 'consumer' },
    needsDatabase: withDatabase.has(name),
    warmUp: (parts) => go(parts, Math.ceil(count / 4)),
    run: async (parts, pids: Pids) => {
      const measured = await measure(pids, () => go(parts, count));
      return { ...measured.result, ...cpuFigures(measured, count / unit) };
    },
  });
}

async function publishAndHandle(
  { near: publisher, far: consumer }: Parts,
  load: { from: number; count: number; inFlight: number },
  withinMs: number,
): Promise<Figures> {
  const handled = consumer.ask<Handled>({ do: 'await-handled', ...load }, withinMs);
  // Awaited last, and of no interest when the publishing has failed.
  handled.catch(() => undefined);
  const published = await publisher.ask<Published>({ do: 'publish', ...load }, withinMs);
  const { firstAt, confirmedAt, failed, firstFailure } = published;
  if (failed > 0) throw new Error(`${failed} of ${load.count} not published: ${firstFailure}`);
  const { lastAt, copies } = await handled.catch(async (error: unknown) => {
    const count = await consumer.ask<number>({ do: 'count-handled' }, 1_000);
    throw new Error(`handled are ${count} of ${load.from + load.count}`, { cause: error });
  });
  const perSecond = (until: number) => load.count / ((until - firstAt) / 1_000);
  return {
    handledPerSecond: perSecond(lastAt),
    confirmedPerSecond: perSecond(confirmedAt),
    copies,
  };
}
