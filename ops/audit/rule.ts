import type { Facts, Order, Payment } from './facts';

export interface AuditOptions {
  /** Orders whose 201 a client saw. */
  accepted: readonly string[];
  /** An order in flight for longer is forgotten. */
  orderDeadlineMs: number;
  /** Nothing is in flight any more: an order that is not at an end is a violation. */
  settled: boolean;
  /** How far the clocks of two services may be apart. */
  clockSkewMs: number;
}

export interface Violation {
  rule: string;
  /** The id of an order, payment, charge or entry, or the name of a queue or replica. */
  subject: string;
  /** The facts that contradict the rule. */
  detail: string;
  /** Of the order concerned, if there is one. */
  orderId?: string;
}

/** What a rule checked, and what it found. */
export interface Check {
  rule: string;
  checked: number;
  violations: Violation[];
}

export interface Rule {
  /** Kebab-case, and never another rule's. */
  name: string;
  /** @param soFar what the rules before it have found */
  check: (facts: Facts, options: AuditOptions, soFar: readonly Violation[]) => Check;
}

/** What a rule is about, and how a violation names it. */
export interface Subjects<T> {
  of: (facts: Facts, options: AuditOptions) => Iterable<T>;
  as: (subject: T) => Pick<Violation, 'subject' | 'orderId'>;
}

/** How a subject breaks the rule; undefined or false when it does not. */
type Breach<T> = (
  subject: T,
  facts: Facts,
  options: AuditOptions,
  soFar: readonly Violation[],
) => string | undefined | false;

export function rule<T>(name: string, { of, as }: Subjects<T>, breach: Breach<T>): Rule {
  return {
    name,
    check: (facts, options, soFar) => {
      const violations: Violation[] = [];
      let checked = 0;
      for (const subject of of(facts, options)) {
        checked += 1;
        const detail = breach(subject, facts, options, soFar);
        if (detail) violations.push({ rule: name, ...as(subject), detail });
      }
      return { rule: name, checked, violations };
    },
  };
}

/** The orders that `are` so; all of them without it. */
export function ordersThat(are: (order: Order) => boolean = () => true): Subjects<Order> {
  return {
    of: ({ orders }) => [...orders.values()].filter(are),
    as: ({ id }) => ({ subject: id, orderId: id }),
  };
}

/** What one order has several of, each with the order's id. */
export function byOrder<T>(groups: (facts: Facts) => Map<string, T[]>): Subjects<[string, T[]]> {
  return { of: groups, as: ([orderId]) => ({ subject: orderId, orderId }) };
}

export const everyPayment: Subjects<Payment> = {
  of: ({ payments }) => payments.values(),
  as: ({ id, orderId }) => ({ subject: id, orderId }),
};
