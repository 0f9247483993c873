import type { Refusal } from './refusals';
import { adviceOn, changeOf, type Meeting } from './words';

/** A change that somebody cannot live with. */
export interface Break {
  /** `SaleFinalized.total` */
  what: string;
  /** `number → string` */
  change: string;
  /** `financial (book-sales)` */
  whom: readonly string[];
  /** Where it breaks them, if not everywhere. */
  where?: string;
  /** What to do instead. */
  advice: string;
  /** The release that lives with it: deployed everywhere before, it breaks nobody. */
  after?: string;
}

export function sentenceOf({ what, change, whom, where = '', advice }: Break): string {
  return `${what}: ${change} breaks ${whom.join(', ')}${where}. ${advice}.`;
}

/** Readers of one side that meet bodies of the other. */
export interface Met {
  meeting: Meeting;
  /** What a refused body is: `SaleFinalized`. */
  name: string;
  refusals: readonly Refusal[];
  whom: readonly string[];
}

const endings: Record<Meeting, string> = {
  'old bodies': ' on old bodies',
  'old replicas': ' in old replicas',
};

/**
 * What is refused, as sentences: what meets both ways is one.
 * @param other what to make where the field is not to be had: `a new event`
 * @param isBothWays whether bodies are kept, so that each side meets those of the other
 */
export function breaksOf(met: readonly Met[], other: string, isBothWays: boolean): Break[] {
  const found = new Map<string, Met & { what: string; change: string; meetings: Meeting[] }>();
  for (const { meeting, name, refusals, whom } of met) {
    for (const refusal of refusals) {
      const what = `${name}${refusal.path}`;
      const change = changeOf(refusal, meeting);
      const known = found.get(`${what}: ${change}`);
      found.set(`${what}: ${change}`, {
        ...{ meeting, name, what, change },
        meetings: [...new Set([...(known?.meetings ?? []), meeting])],
        refusals: [...(known?.refusals ?? []), refusal],
        whom: [...new Set([...(known?.whom ?? []), ...whom])],
      });
    }
  }
  return [...found.values()].map(({ what, change, whom, meeting, meetings, refusals }) => ({
    ...{ what, change, whom },
    where: isBothWays && meetings.length === 1 ? endings[meeting] : '',
    advice: adviceOn(refusals, meetings, other),
  }));
}
