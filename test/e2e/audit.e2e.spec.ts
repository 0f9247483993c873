import { Db } from '@tradepost/database';
import { eventually } from '@tradepost/test-kit';
import { services, type Service } from '../../apps/services';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownShop } from './own-shop';

const mugs = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };
const token = 'a-token-for-operators';

interface Audited {
  exitCode: number;
  stderr: string;
  orders: number;
  states: Record<string, number>;
  violations: { rule: string; subject: string; detail: string }[];
}

describe('npm run audit', () => {
  const own = ownShop({
    replicas: { payments: 2 },
    env: { OPS_TOKEN: token, GATEWAY_TIMEOUT_MS: '500' },
  });
  let folder: string;
  const accepted: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tradepost-audit-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const audited = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  async function place(paymentToken = 'tok_approve', customerId = '1'): Promise<string> {
    const { id } = await own.front.place({ ...mugs, customerId, paymentToken });
    accepted.push(id);
    return id;
  }

  async function ends(id: string, status: string): Promise<void> {
    await own.front.orderWhen(id, status, { withinMs: 60_000 });
  }

  async function run(args: string[], env: Record<string, string> = {}): Promise<Audited> {
    const argv = ['dist/ops/audit.js', '--json', ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, argv, { env }, (error, stdout, stderr) => {
        const report = (stdout ? JSON.parse(stdout) : {}) as Audited;
        resolve({ ...report, stderr, exitCode: Number(error?.code ?? 0) });
      });
    });
  }

  const places = () =>
    services.flatMap((app) => own.shop.replicas(app).flatMap(({ url }) => [`--${app}`, url]));

  const audit = (...args: string[]) => run([...places(), ...args], { OPS_TOKEN: token });

  async function discard(app: Service, letter: string): Promise<void> {
    const response = await fetch(`${own.shop.url(app)}/ops/dead-letters/discard`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: [letter] }),
    });
    expect(response.status).toBe(200);
  }

  /** As the owner of a service's database. */
  async function damage(app: Service, ...statements: string[]): Promise<void> {
    const db = new Db({ url: own.shop.databaseUrl(app) });
    try {
      for (const text of statements) await db.query({ name: `damage-${randomUUID()}`, text });
    } finally {
      await db.close();
    }
  }

  audited('passes a shop whose orders have gone every way there is', async () => {
    const [sold, late, refunded] = await Promise.all([place(), place('tok_timeout_once'), place()]);
    const [failed, rejected, early] = await Promise.all([
      place('tok_decline'),
      place('tok_approve', '999'),
      place(),
    ]);
    await own.front.cancel(early, 'changed my mind');
    await ends(refunded, 'completed');
    await own.front.cancel(refunded, 'changed my mind');
    await Promise.all([
      ends(sold, 'completed'),
      ends(late, 'completed'),
      ends(refunded, 'cancelled'),
      ends(failed, 'payment_failed'),
      ends(rejected, 'rejected'),
    ]);
    const file = join(folder, 'accepted');
    await writeFile(file, `${accepted.join('\n')}\n`);
    await eventually(
      async () => {
        const { violations, exitCode, states } = await audit('--settled', '--accepted', file);
        expect({ violations, exitCode }).toEqual({ violations: [], exitCode: 0 });
        expect(states).toEqual({ completed: 2, cancelled: 2, payment_failed: 1, rejected: 1 });
      },
      { withinMs: 30_000 },
    );
  });

  audited('passes a shop at work', async () => {
    const placing = Promise.all(Array.from({ length: 30 }, () => place()));
    const { violations, exitCode } = await audit();
    expect({ violations, exitCode }).toEqual({ violations: [], exitCode: 0 });
    const ids = await placing;
    await Promise.all(ids.map((id) => ends(id, 'completed')));
  });

  audited('explains the dead letters that are made good, and names the others', async () => {
    const orderId = await place();
    await ends(orderId, 'completed');
    const [payment] = await own.front.payments(orderId);
    const facts = { paymentId: payment?.id, orderId, currency: 'USD', amount: payment?.amount };
    const late = { ...facts, reason: 'card_declined' };
    await own.broker.sendToQueue('orders.payment-declined', late, {
      messageId: 'late',
      type: 'PaymentDeclined',
    });
    const unknown = { paymentId: randomUUID() };
    await own.broker.sendToQueue('payments.charge-payment', unknown, {
      messageId: 'lost',
      type: 'ChargePayment',
    });
    const queues = ['orders.payment-declined.dead', 'payments.charge-payment.dead'];
    await eventually(async () =>
      expect(await Promise.all(queues.map((queue) => own.broker.depth(queue)))).toEqual([1, 1]),
    );

    const { violations, exitCode } = await audit();
    expect(violations).toEqual([
      {
        rule: 'dead-letter-explained',
        subject: 'payments.charge-payment lost',
        detail: 'payment_unknown: it is about no order, payment or webhook that is known',
      },
    ]);
    expect(exitCode).toBe(1);

    const blind = await run(places());
    expect(blind.violations.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
      'dead-letters-readable orders.payment-declined.dead',
      'dead-letters-readable payments.charge-payment.dead',
    ]);
    expect(blind.violations[0]?.detail).toContain('OPS_TOKEN');
    await discard('payments', 'lost');
  });

  audited('names whatever was damaged, with exit code 1', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => place()));
    await Promise.all(ids.map((id) => ends(id, 'completed')));
    const [unpaid = '', twice = '', unbooked = '', unlocked = '', lost = ''] = ids;
    const payments = await Promise.all([unpaid, twice].map((id) => own.front.payments(id)));
    const [first, second] = payments.map(([payment]) => payment?.id);
    await own.front.cancel(unlocked, 'changed my mind');
    await ends(unlocked, 'cancelled');
    await eventually(async () => expect((await audit('--settled')).exitCode).toBe(0), {
      withinMs: 30_000,
    });

    await damage(
      'payments',
      `DELETE FROM payment_attempts WHERE payment_id = '${first}'`,
      `DELETE FROM payments WHERE id = '${first}'`,
      `INSERT INTO sandbox_movements (payment_id, kind, currency, amount)
       SELECT payment_id, kind, currency, amount FROM sandbox_movements WHERE payment_id = '${second}'`,
    );
    await damage(
      'financial',
      'ALTER TABLE ledger_entries DISABLE TRIGGER USER',
      'ALTER TABLE ledger_postings DISABLE TRIGGER USER',
      `DELETE FROM ledger_postings WHERE transaction_id IN
        (SELECT transaction_id FROM ledger_entries WHERE order_id = '${unbooked}')`,
      `DELETE FROM ledger_entries WHERE order_id = '${unbooked}'`,
    );
    await damage(
      'orders',
      `DELETE FROM order_timeline WHERE order_id = '${unlocked}' AND state = 'cancel_pending'`,
      `DELETE FROM orders WHERE id = '${lost}'`,
    );

    const file = join(folder, 'accepted');
    await writeFile(file, accepted.join('\n'));
    const { violations, exitCode } = await audit('--settled', '--accepted', file);
    expect(exitCode).toBe(1);
    const named = violations.map(({ rule, subject }) => `${rule} ${subject}`);
    expect(named).toEqual(
      expect.arrayContaining([
        `accepted-order-exists ${lost}`,
        `cancelled-through-cancel-pending ${unlocked}`,
        `sold-order-is-paid ${unpaid}`,
        `charge-has-payment ${first}`,
        `captured-once ${second}`,
        `payment-matches-gateway ${second}`,
        `sold-order-is-booked ${unbooked}`,
        `ledger-matches-payment ${unbooked}`,
        'balances-match-entries cash USD',
      ]),
    );
    const damaged = [unpaid, twice, unbooked, unlocked, lost, first, second].join(' ');
    const innocent = accepted.filter((id) => !damaged.includes(id));
    expect(named.filter((line) => innocent.some((id) => line.includes(id)))).toEqual([]);
  });

  it('has exit code 2 for what it cannot understand, and for who does not answer', async () => {
    expect(await run(['--unheard-of'])).toMatchObject({
      exitCode: 2,
      stderr: "Unknown option '--unheard-of'.\n--help says what it takes.\n",
    });
    expect((await audit('--order-deadline-ms', 'soon')).exitCode).toBe(2);
    expect((await audit('--accepted', join(folder, 'not-there'))).exitCode).toBe(2);
    const gone = await audit('--gateway', 'http://127.0.0.1:9');
    expect(gone).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('http://127.0.0.1:9'),
    });
  });
});
