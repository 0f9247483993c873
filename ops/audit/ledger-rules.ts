import type { Entry, Facts, LedgerFacts, Order, Posting } from './facts';
import { isInFlight } from './order-rules';
import { isSold, isUnsold } from './payment-rules';
import { byOrder, ordersThat, rule, type Rule, type Subjects } from './rule';

const everyEntry: Subjects<Entry> = {
  of: ({ entries }) => entries,
  as: ({ transactionId, orderId }) => ({ subject: transactionId, orderId }),
};

/** Debit less credit, by account and currency; what comes to nothing is left out. */
function netOf(postings: Iterable<Posting>): Map<string, number> {
  const net = new Map<string, number>();
  for (const { account, currency, side, amount } of postings) {
    const key = `${account} ${currency}`;
    const sum = (net.get(key) ?? 0) + (side === 'debit' ? amount : -amount);
    if (sum === 0) net.delete(key);
    else net.set(key, sum);
  }
  return net;
}

const postingsOf = (entries: Entry[]) => entries.flatMap(({ postings }) => postings);

const kindsOf = (entries: Entry[]) => entries.map(({ kind }) => kind).sort();

function listed(entries: Entry[]): string {
  const net = [...netOf(postingsOf(entries))].map(([key, sum]) => `${key} ${sum}`).join(', ');
  return `${kindsOf(entries).join(' + ') || 'no entries'}; net ${net || 'nothing'}`;
}

/** What a sale comes to; the second set had been reversed before its payment was heard of. */
const saleKinds = ['sale+settlement', 'reinstatement+reversal+sale+settlement'];

function isBooked({ currency, total }: Order, entries: Entry[]): boolean {
  const opposite = [
    { account: 'cash', side: 'credit', currency, amount: total },
    { account: 'revenue', side: 'debit', currency, amount: total },
  ];
  const rest = netOf([...postingsOf(entries), ...opposite]);
  return rest.size === 0 && saleKinds.includes(kindsOf(entries).join('+'));
}

/** `refunds` is contra revenue: of a sale that was paid and given back, both stand. */
function isUndone(entries: Entry[]): boolean {
  const postings = postingsOf(entries).map((posting) =>
    posting.account === 'refunds' ? { ...posting, account: 'revenue' } : posting,
  );
  return netOf(postings).size === 0;
}

/** The entries of a payment in the ledger, by the state of a decided payment. */
const moneyKinds = new Map([
  ['captured', 'settlement'],
  ['refunded', 'refund+settlement'],
  ['declined', ''],
  ['cancelled', ''],
]);

const entryRules: Rule[] = [
  rule(
    'entry-has-order',
    everyEntry,
    ({ orderId, kind }, { orders }) =>
      !orders.has(orderId) && `a ${kind} of order ${orderId}, which does not exist`,
  ),
  rule('entry-balances', everyEntry, (entry) => {
    const sides = entry.postings.map((posting) => ({ ...posting, account: 'all' }));
    const off = netOf(sides).size > 0 || sides.length === 0;
    return off && `${listed([entry])} in order ${entry.orderId}`;
  }),
  rule(
    'entry-booked-once',
    byOrder(({ entriesOf }) => entriesOf),
    ([, entries]) => {
      const kinds = kindsOf(entries);
      return new Set(kinds).size < kinds.length && `its entries: ${listed(entries)}`;
    },
  ),
];

const orderRules: Rule[] = [
  // A completed order is paid and booked; the booking of a paid one may be in flight.
  rule('sold-order-is-booked', ordersThat(isSold), (order, facts, options) => {
    const entries = facts.entriesOf.get(order.id) ?? [];
    if (isInFlight(order, facts, options) || isBooked(order, entries)) return undefined;
    return `it is ${order.status}, ${order.total} ${order.currency}; booked: ${listed(entries)}`;
  }),
  rule('unsold-order-nets-to-zero', ordersThat(isUnsold), ({ id, status }, { entriesOf }) => {
    const entries = entriesOf.get(id) ?? [];
    const untouched = status !== 'rejected' || entries.length === 0;
    return !(untouched && isUndone(entries)) && `it is ${status}; booked: ${listed(entries)}`;
  }),
  rule(
    'ledger-matches-payment',
    ordersThat((order) => isSold(order) || isUnsold(order)),
    (order, facts, options) => {
      const [payment] = facts.paymentsOf.get(order.id) ?? [];
      const wanted = moneyKinds.get(payment?.status ?? 'cancelled');
      if (wanted === undefined || isInFlight(order, facts, options)) return undefined;
      const entries = facts.entriesOf.get(order.id) ?? [];
      const money = kindsOf(entries).filter((kind) => kind === 'settlement' || kind === 'refund');
      const state = payment ? `payment ${payment.id} is ${payment.status}` : 'it has no payment';
      return money.join('+') !== wanted && `${state}; booked: ${listed(entries)}`;
    },
  ),
];

type Sums = Record<'before' | 'posted' | 'after', { debit: number; credit: number }>;

/** The kept balances, each beside what the entries that were read come to; by account. */
function balances({ entries, ledger }: Facts): Map<string, Sums> {
  const lines = new Map<string, Sums>();
  const none = () => ({ debit: 0, credit: 0 });
  const lineOf = ({ account, currency }: { account: string; currency: string }) => {
    const key = `${account} ${currency}`;
    const line = lines.get(key) ?? { before: none(), posted: none(), after: none() };
    lines.set(key, line);
    return line;
  };
  for (const posting of postingsOf(entries)) {
    const { posted } = lineOf(posting);
    if (posting.side === 'debit') posted.debit += posting.amount;
    else posted.credit += posting.amount;
  }
  for (const balance of ledger.before) lineOf(balance).before = balance;
  for (const balance of ledger.after) lineOf(balance).after = balance;
  return lines;
}

const everyBalance: Subjects<[string, Sums]> = {
  of: balances,
  as: ([subject]) => ({ subject }),
};

const everyTotal: Subjects<LedgerFacts['trial'][number]> = {
  of: ({ ledger: { trial, balanced } }) =>
    balanced || trial.some(({ debit, credit }) => debit !== credit)
      ? trial
      : [...trial, { currency: 'all', debit: NaN, credit: NaN }],
  as: ({ currency }) => ({ subject: currency }),
};

const bookRules: Rule[] = [
  rule(
    'trial-balance',
    everyTotal,
    ({ debit, credit }) => debit !== credit && `debits ${debit}, credits ${credit}`,
  ),
  // Balances only grow: what was read lies between those before and those after.
  rule('balances-match-entries', everyBalance, ([, { before, posted, after }]) => {
    const debitsFit = before.debit <= posted.debit && posted.debit <= after.debit;
    const creditsFit = before.credit <= posted.credit && posted.credit <= after.credit;
    return (
      !(debitsFit && creditsFit) &&
      `kept: debit ${after.debit}, credit ${after.credit}; ` +
        `entries: debit ${posted.debit}, credit ${posted.credit}`
    );
  }),
];

export const ledgerRules: Rule[] = [...entryRules, ...orderRules, ...bookRules];
