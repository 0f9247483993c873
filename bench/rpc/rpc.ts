import { cpuFigures, measure, percentiles, type Pids } from '../harness/measure';
import type { Figures, Scale, Setting, Subject, Work } from '../harness/work';
import { PeerSubject, type Parts } from '../peers/peer-subject';
import type { PeerName } from '../peers/peers';
import type { Asked } from '../peers/protocol';

// Rascal has no call for a question with an answer.
const subjects: Record<Scale, readonly PeerName[]> = {
  full: [
    'tradepost',
    'tradepost batch',
    'golevelup',
    'golevelup readme',
    'nest',
    'nest on tradepost',
    'rabbitmq-client',
    'amqplib',
    'http',
  ],
  quick: [
    'tradepost',
    'tradepost batch',
    'golevelup',
    'nest',
    'nest on tradepost',
    'amqplib',
    'http',
  ],
  smoke: ['tradepost', 'nest', 'rabbitmq-client', 'http'],
};

const inFlight = [1, 16, 64, 256];
/** The one whose ratios and CPU are given. */
const main = 64;

/** How long each of them asks. */
const timesMs: Record<Scale, number> = { full: 3_000, quick: 300, smoke: 30 };
const warmUpMs: Record<Scale, number> = { full: 2_000, quick: 300, smoke: 0 };
const answerMs = 40_000;

/** Questions a figure of CPU is for. */
const unit = 1_000;

export const rpc: Work = {
  name: 'rpc',
  title: (scale) =>
    `Questions, each another, answered from memory; both validated. ${inFlight.join(', ')} in ` +
    `flight, ${timesMs[scale] / 1_000} s each; CPU is for 1,000 of them, at ${main}.`,
  subjects: (setting) => subjects[setting.scale].map((name) => subjectOf(name, setting)),
  columns: {
    ...Object.fromEntries(inFlight.map((many) => [`at${many}.perSecond`, `calls/s at ${many}`])),
    'at1.p50Ms': 'p50 ms at 1',
    [`at${main}.p50Ms`]: `p50 ms at ${main}`,
    [`at${main}.p99Ms`]: `p99 ms at ${main}`,
    'at256.p99Ms': 'p99 ms at 256',
    cpuMs: 'CPU ms',
    'cpuOfService.caller': 'caller',
    'cpuOfService.server': 'server',
    'cpu.broker': 'broker',
    failed: 'failed',
  },
  ratios: [`at${main}.perSecond`, `at${main}.p99Ms`, 'cpuMs'],
};

function subjectOf(name: PeerName, setting: Setting): Subject {
  const { scale } = setting;
  let next = 0;
  const ask = async ({ near: caller }: Parts, many: number, forMs: number) => {
    const command = { do: 'ask', from: next, inFlight: many, forMs } as const;
    const asked = await caller.ask<Asked>(command, forMs + answerMs);
    next += asked.latenciesMs.length + asked.failed;
    const { failed, firstFailure } = asked;
    if (failed > 0) throw new Error(`${failed} not answered: ${firstFailure}`);
    return asked;
  };
  return new PeerSubject(setting, {
    name,
    roles: { near: 'caller', far: 'server' },
    warmUp: (parts) => ask(parts, main, warmUpMs[scale]),
    run: async (parts, pids: Pids) => {
      const figures: Figures = {};
      for (const many of inFlight) {
        const measured = await measure(pids, () => ask(parts, many, timesMs[scale]));
        const { latenciesMs, firstAt, lastAt } = measured.result;
        const perSecond = latenciesMs.length / ((lastAt - firstAt) / 1_000);
        figures[`at${many}`] = { perSecond, ...percentiles(latenciesMs) };
        if (many !== main) continue;
        Object.assign(figures, cpuFigures(measured, latenciesMs.length / unit));
      }
      return figures;
    },
  });
}
