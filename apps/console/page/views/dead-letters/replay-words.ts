import type { ReplayPreview } from '@tradepost/messaging/ops';
import type { OperationResult, Replay } from '../../../src/api/dead-letters';
import { count, counted } from '../../parts/format';
import { listed, roughly } from '../words';

/** Before a replay: how many go where, how fast, and what today's contracts say of them. */
export function replayPlan(
  check: ReplayPreview,
  queues: string[],
  rate: number | undefined,
): string {
  if (check.wouldSend === 0) {
    return 'No message is found any more: nothing would be sent.';
  }
  const pace =
    rate === undefined
      ? 'as fast as the broker confirms'
      : `at ${count(rate)}/s, ${roughly(check.wouldSend / rate)}`;
  const where = queues.length === 0 ? 'where they came from' : listed(queues);
  const goes = check.wouldSend === 1 ? 'goes' : 'go';
  return `${counted(check.wouldSend, 'message')} ${goes} to ${where} ${pace}; ${refusal(check)}.`;
}

/** Before a discard. */
export function discardPlan({ text, count: messages, queues }: DiscardTarget): string {
  const [leaves, is] = messages === 1 ? ['leaves', 'is'] : ['leave', 'are'];
  return `${text} ${leaves} the dead letters of ${listed(queues)} and ${is} not handled any more.`;
}

interface DiscardTarget {
  text: string;
  count: number;
  queues: string[];
}

function refusal({ wouldSend, invalid, unchecked }: ReplayPreview): string {
  const refused =
    invalid.length === 0
      ? "today's contract refuses none"
      : `today's contract refuses ${count(invalid.length)}, which ${
          invalid.length === 1 ? 'fails' : 'fail'
        } again`;
  if (unchecked === 0) {
    return refused;
  }
  return unchecked === wouldSend
    ? 'no contract of theirs is known here, so none was checked'
    : `${refused}; ${count(unchecked)} could not be checked`;
}

/** What is neither sent nor known to stay where it was. */
export function leftOf(replay: Replay): number {
  return Math.max(0, replay.selected - replay.sent - replay.stayed.length);
}

/** Only of what the broker has confirmed it says that it was sent. */
export function replayState(replay: Replay): string {
  const sent = `${count(replay.sent)} of ${count(replay.selected)} sent`;
  const left = leftOf(replay);
  const still = `${count(left)} ${left === 1 ? 'is' : 'are'} still ${
    left === 1 ? 'a dead letter' : 'dead letters'
  }`;
  switch (replay.state) {
    case 'running':
      return `${sent}.`;
    case 'paused':
      return `Paused: ${sent}, ${count(left)} left. One that was on its way already still goes.`;
    case 'stopped':
      return `Stopped: ${sent}; ${still}.`;
    case 'failed':
      return (
        `Failed half-way: ${count(replay.sent)} of ${count(replay.selected)} confirmed by the ` +
        `broker; of the other ${count(left)} none is confirmed. ${replay.problem ?? ''}`
      ).trimEnd();
    case 'done':
      return doneWords(replay);
  }
}

function doneWords(replay: Replay): string {
  const { sent, handled, failedAgain, waiting, stayed } = replay;
  const fates = [
    ...(handled > 0 ? [`${count(handled)} handled`] : []),
    ...(failedAgain > 0 ? [`${count(failedAgain)} failed again`] : []),
    ...(waiting > 0 ? [`${count(waiting)} not handled yet`] : []),
  ];
  const stay = stayed.length > 0 ? ` ${count(stayed.length)} stayed: ${reasons(stayed)}.` : '';
  return fates.length === 0
    ? `${counted(sent, 'message')} sent.${stay}`
    : `${counted(sent, 'message')} sent: ${listed(fates)}.${stay}`;
}

/** Whether its counters can still change. */
export function replayMoves(replay: Replay): boolean {
  return replay.state === 'running' || replay.state === 'paused' || replay.waiting > 0;
}

/** After a discard or an undo. */
export function operationWords(act: 'discard' | 'undo', result: OperationResult): string {
  const done = act === 'discard' ? 'discarded' : 'put back among the dead letters';
  const was = result.done === 1 ? 'was' : 'were';
  const stayed =
    result.stayed.length === 0
      ? ''
      : ` ${count(result.stayed.length)} stayed as ${
          result.stayed.length === 1 ? 'it was' : 'they were'
        }: ${reasons(result.stayed)}.`;
  return `${counted(result.done, 'message')} ${was} ${done}.${stayed}`;
}

/** The different reasons, the most frequent first. */
function reasons(stayed: { problem: string }[]): string {
  const counts = new Map<string, number>();
  for (const { problem } of stayed) {
    counts.set(problem, (counts.get(problem) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([problem]) => problem);
  return listed(sorted);
}
