import type { Payment } from '@tradepost/contracts';
import { decide, type OrderEventName, type OrderFacts, type OrderStatus } from '../src/order/order';

/** What is on its way; any of them may come late, in any order, and more than once. */
export type Going =
  | { to: 'orders'; say: OrderEventName }
  | { to: 'payments'; say: 'sale-finalized' | 'order-cancelled' | 'charge' | 'charged' }
  | { to: 'payments'; say: 'refund' | 'given-back' | 'time-out' }
  | { to: 'financial'; say: Bookable };

type Bookable =
  | 'sale-finalized'
  | 'order-cancelled'
  | 'payment-captured'
  | 'payment-declined'
  | 'payment-refunded';
type PaymentStatus = 'none' | Payment['status'];

export interface Sale {
  customer: 'customer-known' | 'customer-refused';
  gateway: 'approves' | 'declines';
  /** The sweeper gives up finding out who the customer is, at some time. */
  expires: boolean;
  /** payments gives up waiting for the gateway's answer, at some time. */
  timesOut: boolean;
  /** How often the customer asks to cancel. */
  cancels: number;
  /** What lies in its queue for as long as anything else can go on. */
  slow: Going[];
}

/**
 * One order, decided by the real table, among what the other services promise: the messages that
 * they say, and when. The gateway is apart from payments: it may have the money before payments
 * knows.
 */
export class SaleModel {
  readonly order: OrderFacts = {
    status: 'pending',
    booked: false,
    refunded: false,
    total: 1_250,
    currency: 'USD',
  };
  readonly timeline: OrderStatus[] = ['pending'];
  readonly refusals: string[] = [];
  cancelTaken = false;
  /** The confirmation was given up before it came. */
  isExpired = false;
  isTimedOut = false;
  /** What orders has heard. */
  readonly heard = new Set<OrderEventName>();
  /** At the gateway. */
  moneyHeld = false;
  readonly entries = new Set<'sale' | 'settlement' | 'reversal' | 'reinstatement' | 'refund'>();

  private readonly going: Going[];
  private payment: PaymentStatus = 'none';
  private charge: 'none' | 'approved' | 'declined' = 'none';
  private readonly cancelHeard = new Set<'payments' | 'financial'>();

  constructor(private readonly sale: Sale) {
    this.going = [{ to: 'orders', say: sale.customer }];
    if (sale.expires) this.going.push({ to: 'orders', say: 'confirmation-expired' });
    for (let asked = 0; asked < sale.cancels; asked += 1) {
      this.going.push({ to: 'orders', say: 'cancel-requested' });
    }
  }

  get isQuiet(): boolean {
    return this.going.length === 0;
  }

  /** Delivers one of what is going, `pick` says which; a copy of it may come again. */
  deliver(pick: number, copyStays: boolean): void {
    const quick = this.going.filter((message) => !this.isSlow(message));
    const next = quick.length > 0 ? quick : this.going;
    const message = next[pick % next.length] as Going;
    if (!copyStays) this.going.splice(this.going.indexOf(message), 1);
    if (message.to === 'orders') this.tellOrders(message.say);
    else if (message.to === 'payments') this.tellPayments(message.say);
    else this.tellFinancial(message.say);
  }

  private isSlow({ to, say }: Going): boolean {
    return this.sale.slow.some((slow) => slow.to === to && slow.say === say);
  }

  private tellOrders(name: OrderEventName): void {
    const transition = decide(this.order, { name, cause: name });
    if (transition.kind === 'early') {
      this.going.push({ to: 'orders', say: name });
      return;
    }
    if (transition.kind === 'refused') this.refusals.push(transition.code);
    else this.heard.add(name);
    if (name === 'cancel-requested' && transition.kind !== 'refused') this.cancelTaken = true;
    if (transition.kind !== 'change') return;
    const { states, booked, refunded } = transition;
    Object.assign(this.order, { booked, refunded, status: states.at(-1) ?? this.order.status });
    this.timeline.push(...states);
    if (name === 'confirmation-expired') this.isExpired = true;
    if (name === 'customer-known') this.say('sale-finalized');
    if (name === 'cancel-requested') this.say('order-cancelled');
  }

  private tellPayments(say: Extract<Going, { to: 'payments' }>['say']): void {
    switch (say) {
      case 'sale-finalized':
        if (this.payment !== 'none') return;
        this.payment = this.cancelHeard.has('payments') ? 'cancelled' : 'pending';
        if (this.payment !== 'pending') return;
        this.going.push({ to: 'payments', say: 'charge' });
        if (this.sale.timesOut) this.going.push({ to: 'payments', say: 'time-out' });
        return;
      case 'order-cancelled':
        return this.cancelPayment();
      case 'charge':
        if (this.payment !== 'pending') return;
        if (this.charge === 'none') {
          this.charge = this.sale.gateway === 'approves' ? 'approved' : 'declined';
          this.moneyHeld = this.charge === 'approved';
        }
        this.going.push({ to: 'payments', say: 'charged' });
        return;
      case 'charged':
        if (this.payment !== 'pending') return;
        this.payment = this.charge === 'approved' ? 'captured' : 'declined';
        this.sayOfPayment(this.charge === 'approved' ? 'payment-captured' : 'payment-declined');
        return;
      case 'time-out':
        if (this.payment !== 'pending') return;
        this.payment = 'void_pending';
        this.going.push({ to: 'payments', say: 'refund' });
        return;
      case 'refund':
        if (!/^(cancelled|refund_pending|void_pending)$/.test(this.payment)) return;
        // Who is refunded before the charge came is not charged any more.
        if (this.charge === 'none') this.charge = 'declined';
        this.moneyHeld = false;
        this.going.push({ to: 'payments', say: 'given-back' });
        return;
      case 'given-back':
        if (this.payment === 'refund_pending') this.payment = 'refunded';
        else if (this.payment === 'void_pending') this.payment = 'declined';
        else return;
        this.isTimedOut = this.payment === 'declined';
        this.sayOfPayment(this.isTimedOut ? 'payment-declined' : 'payment-refunded');
    }
  }

  private cancelPayment(): void {
    this.cancelHeard.add('payments');
    if (this.payment === 'pending') this.payment = 'cancelled';
    else if (this.payment === 'captured') this.payment = 'refund_pending';
    else return;
    this.going.push({ to: 'payments', say: 'refund' });
  }

  private tellFinancial(say: Bookable): void {
    if (say === 'payment-captured') this.entries.add('settlement');
    if (say === 'payment-refunded') this.entries.add('refund');
    if (say === 'payment-declined') this.entries.add('reversal');
    if (say === 'order-cancelled') this.cancelHeard.add('financial');
    if (say === 'sale-finalized') {
      this.entries.add('sale');
      this.going.push({ to: 'orders', say: 'sale-booked' });
    }
    this.reverseUnlessPaid();
  }

  // A sale that was paid stands, and its refund goes against it.
  private reverseUnlessPaid(): void {
    const { entries } = this;
    const isPaid = entries.has('settlement');
    const isOff = entries.has('sale') && this.cancelHeard.has('financial');
    if (isOff && !isPaid) entries.add('reversal');
    if (entries.has('reversal') && isPaid) entries.add('reinstatement');
  }

  private say(say: 'sale-finalized' | 'order-cancelled'): void {
    this.going.push({ to: 'payments', say }, { to: 'financial', say });
  }

  private sayOfPayment(say: 'payment-captured' | 'payment-declined' | 'payment-refunded'): void {
    this.going.push({ to: 'orders', say }, { to: 'financial', say });
  }
}
