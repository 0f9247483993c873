import type { Pattern } from '@tradepost/messaging/ops';

/** What the four words say, as README does. */
export const patterns: Record<Pattern, { meaning: string; shape: string; colour: string }> = {
  work: { meaning: 'someone does it, once', shape: '●', colour: 'var(--work)' },
  fanout: { meaning: 'everyone hears it', shape: '▲', colour: 'var(--fanout)' },
  topic: { meaning: 'hear the part you want', shape: '◆', colour: 'var(--topic)' },
  rpc: { meaning: 'ask, and get an answer or an error', shape: '■', colour: 'var(--rpc)' },
};

/** Each shape in a box of 12 by 12, for marks in text and in drawings. */
export const shapes: Record<Pattern, string> = {
  work: 'M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10z',
  fanout: 'M6 1l5.5 10h-11z',
  topic: 'M6 0.5l5.5 5.5l-5.5 5.5l-5.5-5.5z',
  rpc: 'M1.5 1.5h9v9h-9z',
};

export function colourOf(pattern: Pattern | undefined): string {
  return pattern ? patterns[pattern].colour : 'var(--line-strong)';
}
