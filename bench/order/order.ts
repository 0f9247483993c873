import type { Scale, Work } from '../harness/work';
import { messages, messagesSubject, unit } from '../messages/messages';
import { window } from '../peers/peer';
import type { PeerName } from '../peers/peers';

/** Messages of one key go one by one: few of them say what that costs. */
const counts: Record<Scale, number> = { full: 10_000, quick: 2_000, smoke: 20 };
const fewer = 10;

const subjects: readonly PeerName[] = [
  'tradepost in order',
  'tradepost alone',
  'tradepost outbox',
  'tradepost one by one',
];

export const order: Work = {
  name: 'order',
  title: (scale) =>
    `${counts[scale].toLocaleString('en-US')} sales of 500 bytes through the outbox, ` +
    `${window} at a time, handled in another process: in order by key, each of a key of its ` +
    'own; in no order, one by one and in batches; and a tenth of them of one key. ' +
    `CPU is for ${unit.toLocaleString('en-US')} of them.`,
  subjects: (setting) =>
    subjects.map((name) => {
      const all = counts[setting.scale];
      return messagesSubject(name, setting, name === 'tradepost one by one' ? all / fewer : all);
    }),
  columns: messages.columns,
  ratios: messages.ratios,
};
