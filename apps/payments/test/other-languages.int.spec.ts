import { PaymentCaptured } from '@tradepost/contracts';
import { sendEach } from '@tradepost/messaging';
import {
  environment,
  eventually,
  findPython,
  Program,
  TestBroker,
  testService,
  type TestService,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaymentsModule } from '../src/payments.module';

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

describe('the programs of docs/CONTRACTS.md', () => {
  let service: TestService;
  let folder: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    const page = readFileSync(join(root, 'docs/CONTRACTS.md'), 'utf8');
    folder = mkdtempSync(join(tmpdir(), 'other-languages-'));
    for (const [, name = '', code = ''] of page.matchAll(/^```\w+ ([\w.-]+)\n([^]*?)^```/gm)) {
      writeFileSync(join(folder, name), code);
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    service = await testService(PaymentsModule, { GATEWAY: 'sandbox' });
  });

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.stop()));
  });

  afterAll(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true });
  });

  function start(command: string, args: string[], amqpUrl = service.broker.amqpUrl): Program {
    const VHOST = new URL(amqpUrl).pathname.slice(1);
    const env = { AMQP_URL: amqpUrl, AMQP_MANAGEMENT_URL: environment().managementUrl, VHOST };
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
    await eventually(async () => expect(await service.broker.depth(queue)).toBe(0));
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
    await service.broker.sendToQueue(queue, Buffer.from('not JSON'));
    await eventually(async () => expect(await service.broker.deadLetters(queue)).toHaveLength(1));
    expect(program.said.split('failed: ')).toHaveLength(1 + tries);
    await program.stop();
    // What was not acked would be back now.
    await untilEmpty(queue);
  }

  it('AMQP 1.0: hears an event, alone or in a bundle, and is not held up by a bad one', async () => {
    expect(await start('bash', ['make-queue.sh']).ended).toBe(0);
    await hears(start(process.execPath, ['hear.mjs']), 'archive.payment-captured', 1);
  });

  describe.each(python ? [python] : ['no python3 with pika (python3-pika): not tried'])(
    '%s',
    () => {
      const tried = python ? it : (name: string) => it(name, () => undefined);
      const run = (args: string[], amqpUrl?: string) => start(python ?? '', args, amqpUrl);

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

      tried('is told that there is no such queue', async () => {
        const empty = await TestBroker.create();
        try {
          const sender = run(['charge.py', randomUUID()], empty.amqpUrl);
          expect(await sender.ended).toBe(1);
          expect(sender.said).toContain('UnroutableError');
        } finally {
          await empty.close();
        }
      });
    },
  );
});
