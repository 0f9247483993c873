import type { HeldState } from '../../../src/api/live';
import { counted, duration } from '../../parts/format';

/** `5 messages of 2 keys, the oldest for 3 min; 1 key is stopped at a dead letter` */
export function heldInWords({ waiting, keys, stopped, oldestMs }: HeldState): string {
  const what = `${counted(waiting, 'message')} of ${counted(keys, 'key')}`;
  const long = oldestMs > 0 ? `, the oldest for ${duration(oldestMs)}` : '';
  return `${what}${long}${stoppedInWords(keys, stopped)}`;
}

function stoppedInWords(keys: number, stopped: number): string {
  if (stopped === 0) return '';
  if (keys === 1) return '; it is stopped at a dead letter';
  if (keys === stopped) return '; they are stopped at dead letters';
  return stopped === 1
    ? '; 1 key is stopped at a dead letter'
    : `; ${counted(stopped, 'key')} are stopped at dead letters`;
}
