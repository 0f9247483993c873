import type { Refusal } from './refusals';

/**
 * What meets what: `old bodies` those that today's readers get, `old replicas` those that get
 * today's bodies.
 */
export type Meeting = 'old bodies' | 'old replicas';

/** What of a field has changed, from the old release to today: `number → string`. */
export function changeOf({ aspect, of, writer, reader }: Refusal, meeting: Meeting): string {
  const isBackward = meeting === 'old bodies';
  const [old, today] = isBackward ? [writer, reader] : [reader, writer];
  const arrow = `${old} → ${today}`;
  switch (aspect) {
    case 'type':
      return arrow;
    case 'presence':
      if (writer === 'optional') return arrow;
      return isBackward ? 'added, required' : 'removed';
    case 'values':
      if (of === undefined) return arrow;
      return `${writer} ${isBackward ? 'taken away' : 'added'}`;
    case 'unknown fields':
      return `${isBackward ? 'removed' : 'added'}, and unknown fields are refused`;
    case 'bound':
    case 'pattern':
    case 'format':
    case 'rule':
      return `${of} ${arrow}`;
  }
}

/** What to do instead. @param other what to make beside it: `a new event` */
export function adviceOn(refusals: readonly Refusal[], meetings: Meeting[], other: string): string {
  const [refusal] = refusals;
  const isBackward = meetings.includes('old bodies');
  if (refusal === undefined || meetings.length > 1) return `Add a field beside it, or ${other}`;
  switch (refusal.aspect) {
    case 'presence':
      if (isBackward) return `Make it optional`;
      return `Keep it required, or make ${other}`;
    case 'unknown fields':
      return isBackward ? 'Keep it' : `Make ${other}`;
    case 'type':
    case 'values':
    case 'bound':
    case 'pattern':
    case 'format':
    case 'rule':
      return isBackward ? 'Keep what was allowed' : `Add a field beside it, or make ${other}`;
  }
}
