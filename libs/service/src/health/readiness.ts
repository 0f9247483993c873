import type { MessagingFigures } from '@tradepost/messaging';
import type { OwnFigures } from './own-figures';

export interface Check {
  status: 'ok' | 'failing';
  problems?: string[];
  /** Of the broker: those that the connections lead to, `host:port`. */
  nodes?: string[];
}

/** Null: not found out in time. */
export interface Figures extends MessagingFigures {
  /** Log lines that did not reach the topic `logs`, since the start. */
  droppedLogLines: number;
  /** What a service adds of its own. */
  [figure: string]: unknown;
}

/**
 * A server without a broker has neither its check nor warnings and figures; one without a database
 * has no check of it. One that stops checks nothing.
 */
export interface Readiness {
  status: 'ok' | 'failing' | 'stopping';
  checks: { broker?: Check; database?: Check };
  /** What deserves a look although the service works, a sentence each. */
  warnings?: string[];
  figures?: Figures;
}

/** A relay that works sends a message within a second or two. */
const lagMaxSeconds = 5;

export function warningsOf(figures: Figures): string[] {
  const { outboxLagSeconds: lag, deadLetters, held, paused } = figures;
  const { lateReplies, droppedLogLines } = figures;
  const warnings: string[] = [];
  if (lag !== null && lag > lagMaxSeconds) {
    warnings.push(`outbox: the oldest unsent message has waited for ${lag} s`);
  }
  for (const [queue, depth] of Object.entries(deadLetters ?? {})) {
    warnings.push(`${queue}: ${depth === null ? 'not there' : counted(depth, 'dead letter')}`);
  }
  for (const [queue, { stopped }] of Object.entries(held ?? {})) {
    if (stopped > 0) warnings.push(`${queue}: ${counted(stopped, 'key')} stopped at a dead letter`);
  }
  for (const queue of paused) warnings.push(`${queue}: its handler is paused here`);
  if (droppedLogLines > 0) {
    warnings.push(
      `logs: ${counted(droppedLogLines, 'line')} did not reach the topic since the start`,
    );
  }
  if (lateReplies > 0) {
    warnings.push(`rpc: ${counted(lateReplies, 'answer')} came too late since the start`);
  }
  return warnings;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

const checkTimeoutMs = 3_000;

/** Fails with the problems that `look` finds, with its error, or after 3 s of silence. */
export async function check(
  look: () => Promise<{ problems: string[]; nodes?: string[] }>,
): Promise<Check> {
  try {
    const { problems, ...more } = await inTime(look);
    return problems.length === 0
      ? { status: 'ok', ...more }
      : { status: 'failing', problems, ...more };
  } catch (error) {
    return {
      status: 'failing',
      problems: [error instanceof Error ? error.message : String(error)],
    };
  }
}

/** What a service adds of its own; nothing, when it is not found out in time. */
export async function readOwn(own: OwnFigures | undefined): ReturnType<OwnFigures['read']> {
  const none = { figures: {}, warnings: [] };
  if (!own) return none;
  return inTime(async () => own.read()).catch(() => none);
}

/** @throws after 3 s of silence */
async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no answer in ${checkTimeoutMs} ms`);
    timer = setTimeout(() => reject(error), checkTimeoutMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
