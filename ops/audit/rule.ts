import type { Facts } from './facts';

/** What is asked of a system beyond its facts. */
export interface Terms {
  /** Orders whose 201 a client saw. */
  accepted: readonly string[];
  /** An order that is on its way for longer has been forgotten. */
  orderDeadlineMs: number;
  /** Nothing is on its way any more: whatever is not at its end is an offender. */
  settled: boolean;
  /** How far the clocks of two services may be apart. */
  clockSkewMs: number;
}

export interface Offender {
  rule: string;
  /** Of the order, payment, charge, entry, queue or replica that is meant. */
  subject: string;
  /** The facts that contradict the rule. */
  detail: string;
  /** The order that it is about, when it is about one. */
  orderId?: string;
}

type Finding = Omit<Offender, 'rule'>;

/** What a rule looked at, and what it found. */
export interface Check {
  rule: string;
  checked: number;
  offenders: Offender[];
}

export interface Rule {
  /** Kebab-case, and never another rule's. */
  name: string;
  /** @param soFar what the rules before it have found */
  check: (facts: Facts, terms: Terms, soFar: readonly Offender[]) => Check;
}

/** What a rule has against one subject: a sentence, or nothing. */
type Breach<T> = (
  subject: T,
  facts: Facts,
  terms: Terms,
  soFar: readonly Offender[],
) => string | undefined | false;

export interface RuleOptions<T> {
  name: string;
  /** What the rule is about; it is asked of each of these. */
  of: (facts: Facts, terms: Terms) => Iterable<T>;
  as: (subject: T) => Pick<Finding, 'subject' | 'orderId'>;
  breach: Breach<T>;
}

export function rule<T>({ name, of, as, breach }: RuleOptions<T>): Rule {
  return {
    name,
    check: (facts, terms, soFar) => {
      const offenders: Offender[] = [];
      let checked = 0;
      for (const subject of of(facts, terms)) {
        checked += 1;
        const detail = breach(subject, facts, terms, soFar);
        if (detail) offenders.push({ rule: name, ...as(subject), detail });
      }
      return { rule: name, checked, offenders };
    },
  };
}
