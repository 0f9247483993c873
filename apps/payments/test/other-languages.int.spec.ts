import { PaymentCaptured } from '@tradepost/contracts';
import { BrokerApi, sendEach } from '@tradepost/messaging';
import {
  environment,
  eventually,
  findPython,
  Program,
  TestBroker,
  testServer,
  type TestServer,
} from '@tradepost/test-kit';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { PaymentsModule } from '../src/payments.module';

const execute = promisify(execFile);
const root = join(__dirname, '../../..');
const python = findPython('pika');

/** What an AMQP 1.0 client says of a broker that gives it no headers. */
const leavesHeadersOut = /^RabbitMQ 3\.(\d|1[0-2])\./m;
const anyId: unknown = expect.stringMatching(/^[\da-f-]{36}$/);
const anyTime: unknown = expect.stringMatching(/^20.*Z$/);

interface Event {
  id: string;
  correlationid: string;
  type: string;
  data: PaymentCaptured;
}

/** @returns what a program has printed of this payment */
async function heard(program: Program, paymentId: string): Promise<Event> {
  return eventually(() => {
    const lines = program.said.split('\n').filter((line) => line.startsWith('{'));
    const events = lines.map((line) => JSON.parse(line) as Event);
    const event = events.find(({ data }) => data.paymentId === paymentId);
    if (event === undefined) throw new Error(`${paymentId} is not in: ${program.said}`);
    return event;
  });
}

describe.each(['strict', 'simple'] as const)('the programs of docs/CONTRACTS.md, %s', (mode) => {
  let broker: TestBroker;
  let service: TestServer;
  let folder: string;
  /** Users are of the whole broker. */
  let prefix: string;
  const programs: Program[] = [];
  const { managementUrl: AMQP_MANAGEMENT_URL } = environment();

  const topology = async (...args: string[]) => {
    const env = { AMQP_URL: broker.amqpUrl, AMQP_MANAGEMENT_URL, AMQP_MODE: mode };
    const command = ['dist/ops/topology.js', ...args, '--prefix', prefix];
    await execute(process.execPath, command, { env });
  };
  const as = (user: string, password: string) =>
    Object.assign(new URL(broker.amqpUrl), { username: `${prefix}${user}`, password }).href;

  beforeAll(async () => {
    const page = readFileSync(join(root, 'docs/CONTRACTS.md'), 'utf8');
    folder = mkdtempSync(join(tmpdir(), 'other-languages-'));
    for (const [, name = '', code = ''] of page.matchAll(/^```\w+ ([\w.-]+)\n([^]*?)^```/gm)) {
      writeFileSync(join(folder, name), code);
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    broker = await TestBroker.create();
    prefix = `${new URL(broker.amqpUrl).pathname.slice(1)}-`;
    const passwords = join(folder, 'passwords.env');
    await topology('apply', '--users', '--passwords', passwords);
    const { AMQP_PASSWORD_PAYMENTS = '' } = parseEnv(readFileSync(passwords, 'utf8'));
    const AMQP_URL = as('payments', AMQP_PASSWORD_PAYMENTS);
    service = await testServer(PaymentsModule, { GATEWAY: 'sandbox', AMQP_MODE: mode, AMQP_URL });
    expect(await prepare('reports', 'payments.charge-payment', 'payments.get-payment')).toBe(0);
    expect(await prepare('archive')).toBe(0);
  }, 60_000);

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.stop()));
  });

  afterAll(async () => {
    await service?.stop();
    await topology('drop-users');
    const api = new BrokerApi(AMQP_MANAGEMENT_URL, broker.amqpUrl);
    await Promise.all(['reports', 'archive'].map((user) => api.dropUser(prefix + user)));
    await broker?.close();
    rmSync(folder, { recursive: true });
  });

  async function prepare(program: string, ...others: string[]): Promise<number | null> {
    const env = { BROKER_USER: `${prefix}${program}`, PASSWORD: 'secret' };
    return start('bash', ['prepare.sh', program, ...others], env).ended;
  }

  function start(command: string, args: string[], more: Record<string, string>): Program {
    const VHOST = new URL(broker.amqpUrl).pathname.slice(1);
    const env = { AMQP_MANAGEMENT_URL, AMQP_MODE: mode, VHOST, ...more };
    const program = new Program(command, args, { cwd: folder, env });
    programs.push(program);
    return program;
  }

  async function openPayment(): Promise<PaymentCaptured> {
    const payment = {
      paymentId: randomUUID(),
      orderId: randomUUID(),
      currency: 'USD',
      amount: 4_990,
    };
    const text = `INSERT INTO payments (id, order_id, currency, amount, payment_token, status)
                  VALUES ($1, $2, 'USD', 4990, 'tok_approve', 'pending')`;
    await service.db.query({ name: 'test-open', text }, [payment.paymentId, payment.orderId]);
    return payment as PaymentCaptured;
  }

  async function sendTogether(...bodies: PaymentCaptured[]): Promise<void> {
    await service.db.transaction((tx) =>
      sendEach(
        tx,
        PaymentCaptured,
        bodies.map((body) => ({ body })),
      ),
    );
  }

  const bodyOf = (): PaymentCaptured => ({ ...PaymentCaptured.sample, paymentId: randomUUID() });

  async function untilEmpty(queue: string): Promise<void> {
    await eventually(async () => expect(await broker.depth(queue)).toBe(0));
  }

  /** Alone and bundled: the same events, and acked. What it cannot read is a dead letter in the end. */
  async function hears(program: Program, queue: string, tries: number): Promise<void> {
    await program.untilSays(`listens to ${queue}`);
    const [alone, first, second] = [bodyOf(), bodyOf(), bodyOf()];
    await sendTogether(alone);
    await sendTogether(first, second);
    for (const data of [alone, first, second]) {
      expect(await heard(program, data.paymentId)).toEqual({
        specversion: '1.0',
        id: anyId,
        source: '/payments',
        type: 'PaymentCaptured',
        ...(data === alone && leavesHeadersOut.test(program.said) ? {} : { time: anyTime }),
        correlationid: anyId,
        data,
      });
    }
    await broker.sendToQueue(queue, Buffer.from('not JSON'));
    await eventually(async () => expect(await broker.deadLetters(queue)).toHaveLength(1));
    expect(program.said.split('failed: ')).toHaveLength(1 + tries);
    await program.stop();
    // What was not acked would be back now.
    await untilEmpty(queue);
  }

  it('AMQP 1.0: hears an event, alone or in a bundle, and is not held up by a bad one', async () => {
    const program = start(process.execPath, ['hear.mjs'], { AMQP_URL: as('archive', 'secret') });
    await hears(program, 'archive.payment-captured', 1);
  });

  describe.each(python ? [python] : ['no python3 with pika (python3-pika): not tried'])(
    '%s',
    () => {
      const tried = python ? it : (name: string) => it(name, () => undefined);
      const run = (args: string[], more: Record<string, string> = {}) =>
        start(python ?? '', args, { AMQP_URL: as('reports', 'secret'), ...more });

      tried('hears an event, alone or in a bundle, and is not held up by a bad one', async () => {
        await hears(run(['hear.py']), 'reports.payment-captured', 6);
      });

      tried('sends work, and hears what came of it in the same flow', async () => {
        const listener = run(['hear.py']);
        const payment = await openPayment();
        const sender = run(['charge.py', payment.paymentId]);
        await sender.untilSays('confirmed');
        const { data, correlationid } = await heard(listener, payment.paymentId);
        expect(data).toEqual(payment);
        expect(sender.said).toBe(`confirmed ${correlationid}\n`);
      });

      tried('asks, and is answered or refused', async () => {
        const { paymentId, orderId } = await openPayment();
        const asked = run(['ask.py', orderId]);
        expect([await asked.ended, JSON.parse(asked.said)]).toMatchObject([
          0,
          { paymentId, status: 'pending' },
        ]);
        const refused = run(['ask.py', randomUUID()]);
        expect(await refused.ended).toBe(1);
        expect(JSON.parse(refused.said)).toMatchObject({ error: { code: 'payment_unknown' } });
      });

      tried('is told that there is no such queue', async () => {
        const empty = await TestBroker.create();
        try {
          const sender = run(['charge.py', randomUUID()], { AMQP_URL: empty.amqpUrl });
          expect(await sender.ended).toBe(1);
          const told = { simple: 'UnroutableError', strict: 'NOT_FOUND - no exchange' };
          expect(sender.said).toContain(told[mode]);
        } finally {
          await empty.close();
        }
      });

      if (mode === 'simple') return;
      tried('may not write to a queue by the default exchange', async () => {
        for (const program of ['charge.py', 'ask.py']) {
          const sender = run([program, randomUUID()], { AMQP_MODE: 'simple' });
          expect(await sender.ended).toBe(1);
          expect(sender.said).toContain('ACCESS_REFUSED');
        }
      });
    },
  );
});
