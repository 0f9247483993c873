import type { Refusal } from './refusals';

/** Today's readers meet `old bodies`; today's bodies meet `old replicas`. */
export type Meeting = 'old bodies' | 'old replicas';

/** Of a pattern or a list. */
const shortMax = 40;

/** What of a field has changed, from the old release to today: `number → string`. */
export function changeOf({ aspect, of, writer, reader }: Refusal, meeting: Meeting): string {
  const isOld = meeting === 'old bodies';
  const [before, now] = (isOld ? [writer, reader] : [reader, writer]).map(short);
  const arrow = `${before} → ${now}`;
  switch (aspect) {
    case 'type':
      return arrow;
    case 'presence':
      if (writer === 'optional') return arrow;
      return isOld ? 'added, required' : 'removed';
    case 'values':
      if (of === undefined) return arrow;
      return `${writer} ${isOld ? 'taken away' : 'added'}`;
    case 'unknown fields':
      return `${isOld ? 'removed' : 'added'} where unknown fields are refused`;
    case 'bound':
    case 'pattern':
    case 'format':
    case 'rule':
      return `${of} ${arrow}`;
  }
}

function short(text: string): string {
  return text.length > shortMax ? `${text.slice(0, shortMax)}…` : text;
}

/** What to do instead. @param other `a new event` */
export function adviceOn(
  refusals: readonly Refusal[],
  meetings: readonly Meeting[],
  other: string,
): string {
  const [refusal] = refusals;
  const beside = `Add a field beside it, or ${other}`;
  if (refusal === undefined || meetings.length > 1) return beside;
  const isOld = meetings.includes('old bodies');
  if (refusal.aspect === 'presence') {
    if (!isOld) return `Keep it required, or add ${other}`;
    return refusal.writer === 'optional' ? 'Keep it optional' : 'Make it optional';
  }
  if (!isOld) return beside;
  return refusal.aspect === 'unknown fields' ? 'Keep it' : 'Keep what was allowed';
}
