import { DeadLetters } from '@tradepost/messaging';
import { environment, eventually, TestBroker } from '@tradepost/test-kit';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadQueueShape } from '../src/handlers/handler';
import { declare } from '../src/topology/topology';

const count = 10_000;
const queue = 'payments.charge-payment';
const dead = `${queue}.dead`;
const program = 'dist/ops/dead-letters.js';
const paymentId = '2f1c0f7e-4b63-4d0a-9d3f-3f2d7c8a9b10';

describe('npm run dead-letters', () => {
  let broker: TestBroker;
  let model: ChannelModel;

  beforeEach(async () => {
    broker = await TestBroker.create();
    model = await connect(broker.amqpUrl);
    const channel = await model.createChannel();
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await channel.close();
    await declare(await model.createChannel(), { queues: [deadQueueShape(dead)] });
  });
  afterEach(async () => {
    await model.close();
    await broker.close();
  });

  const deadLetter = async (total: number, body: object = { paymentId }) => {
    const channel = await model.createConfirmChannel();
    const at = new Date().toISOString();
    for (let i = 0; i < total; i += 1) {
      channel.sendToQueue(dead, Buffer.from(JSON.stringify(body)), {
        persistent: true,
        messageId: `message-${i}`,
        type: 'ChargePayment',
        headers: {
          'x-error-code': i % 2 ? 'gateway_timeout' : 'card_unreadable',
          'x-handler': 'ChargePaymentWork.handle',
          'x-attempts': 6,
          'x-first-failed-at': at,
          'x-last-failed-at': at,
          'x-pad': 'p'.repeat(400),
        },
      });
    }
    await channel.waitForConfirms();
    await channel.close();
  };

  const where = () => ({
    PATH: process.env.PATH,
    AMQP_URL: broker.amqpUrl,
    AMQP_MANAGEMENT_URL: environment().managementUrl,
  });

  /** At a terminal, which `script` makes: the answers are typed when it asks. */
  const atTerminal = async (args: string[], typed: string) => {
    const line = [process.execPath, program, ...args];
    const asked =
      process.platform === 'linux'
        ? ['-qec', line.map((word) => `'${word}'`).join(' '), '/dev/null']
        : ['-q', '/dev/null', ...line];
    const child = spawn('script', asked, { env: { ...where(), TERM: 'dumb' } });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    try {
      await eventually(() => expect(output).toContain('[y/N]'));
      child.stdin.write(typed);
      const exitCode = await eventually(() => ended);
      return { exitCode, output };
    } finally {
      child.kill('SIGKILL');
    }
  };

  /** The command as its own process, until it ends or `until` resolves: then it is killed. */
  const command = async (
    args: string[],
    env: Record<string, string> = {},
    until?: () => Promise<void>,
  ) => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...where(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (output += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    if (until) {
      await until();
      child.kill('SIGKILL');
    }
    const exitCode = await ended;
    return { exitCode, output, tookMs: performance.now() - startedAt };
  };

  const idsIn = async (name: string) => {
    const channel = await model.createChannel();
    const ids: string[] = [];
    const { messageCount } = await channel.checkQueue(name);
    const take = (raw: ConsumeMessage | null) => ids.push(String(raw?.properties.messageId));
    await channel.consume(name, take, { noAck: true });
    await eventually(() => expect(ids).toHaveLength(messageCount));
    await channel.close();
    return ids;
  };

  it('lists 10,000 in 100 columns and replays them, in seconds', async () => {
    await deadLetter(count);
    const listed = await command(['list']);
    expect(listed.exitCode).toBe(0);
    expect(listed.output).toContain(`${count} in 2 groups`);
    expect(Math.max(...listed.output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(
      100,
    );
    // 2 s and 1,000 a second on a machine with nothing else to do; tests share theirs. What grows
    // with the square of their number takes longer than that anywhere.
    expect(listed.tookMs).toBeLessThan(60_000);
    const replayed = await command(['replay', '--queue', queue, '--json']);
    expect(JSON.parse(replayed.output)).toMatchObject({ done: count, stayed: [] });
    expect(replayed.tookMs).toBeLessThan(60_000);
    tell(listed.tookMs / 1_000, replayed.tookMs / 1_000);
    await eventually(async () => expect(await broker.depth(queue)).toBe(count));
  }, 180_000);

  it('killed half-way through a replay it loses none; another one finishes', async () => {
    await deadLetter(count);
    const { exitCode } = await command(['replay', '--all'], {}, () =>
      eventually(async () => expect(await broker.depth(queue)).toBeGreaterThan(1_000), {
        everyMs: 5,
        withinMs: 30_000,
      }),
    );
    expect(exitCode).toBeNull();
    await eventually(async () => {
      const left = await broker.depth(dead);
      expect(left).toBeGreaterThan(0);
      expect(left + (await broker.depth(queue))).toBeGreaterThanOrEqual(count);
    });
    expect(await broker.depth(dead)).toBeLessThan(count);
    // What the dead one had in hand comes back when the broker sees that it is dead.
    const finished = async () => {
      await command(['replay', '--all']);
      expect(await broker.depth(dead)).toBe(0);
    };
    await eventually(finished, { withinMs: 60_000 });
    const ids = await idsIn(queue);
    expect(new Set(ids).size).toBe(count);
  }, 120_000);

  it('killed half-way through an undo it loses none; another one finishes', async () => {
    await deadLetter(count);
    const discarded = await command(['discard', '--all', '--yes', '--json']);
    const { operation } = JSON.parse(discarded.output) as { operation: number };
    await command(['undo', String(operation)], {}, () =>
      eventually(async () => expect(await broker.depth(dead)).toBeGreaterThan(1_000), {
        everyMs: 5,
        withinMs: 30_000,
      }),
    );
    expect(await command(['undo', String(operation)])).toMatchObject({
      output: expect.any(String),
    });
    const ids = await idsIn(dead);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
  }, 120_000);

  it('edits a body in $EDITOR, and sends only what the contract allows', async () => {
    await deadLetter(1, { paymentId: 'wrong' });
    const folder = await mkdtemp(join(tmpdir(), 'editor-'));
    const editor = async (name: string, id: string) => {
      const file = join(folder, name);
      // Some editors write a byte order mark.
      await writeFile(file, `#!/bin/sh\necho '\uFEFF{"paymentId":"${id}"}' > "$1"\n`);
      await chmod(file, 0o755);
      return { EDITOR: file };
    };
    const replay = ['replay', 'message-0', '--edit'];
    expect(await command(['replay', '--all', '--dry-run'])).toMatchObject({ exitCode: 4 });
    expect(await command(replay, { EDITOR: 'true' })).toMatchObject({ exitCode: 6 });
    expect(await command(replay, await editor('bad', 'still wrong'))).toMatchObject({
      exitCode: 4,
    });
    expect(await broker.depth(dead)).toBe(1);
    expect(await command(replay, await editor('good', paymentId))).toMatchObject({ exitCode: 0 });
    await rm(folder, { recursive: true });
    const { messages } = await broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages[0]?.body).toEqual({ paymentId });
    expect(messages[0]?.headers).toMatchObject({ 'x-replays': 1 });
  });

  it('asks before it discards, and takes only yes for a yes', async () => {
    await deadLetter(2);
    const discard = ['discard', '--code', 'card_unreadable'];
    const ctrlC = '\x03';
    const ctrlD = '\x04';
    for (const typed of ['n\r', '\r', 'yesterday\r', ctrlC, ctrlD]) {
      const { exitCode, output } = await atTerminal(discard, typed);
      expect(output).toContain('Discard 1 (code card_unreadable)? [y/N]');
      expect({ typed, exitCode }).toEqual({ typed, exitCode: 6 });
      expect(output).toContain('nothing was discarded');
    }
    expect(await broker.depth(dead)).toBe(2);
    const { exitCode, output } = await atTerminal(discard, 'y\r');
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/Operation \d+: discarded 1\./),
    });
    expect(await idsIn(dead)).toEqual(['message-1']);
  });

  it('says by its exit code what became of it', async () => {
    await deadLetter(1);
    expect(await command(['replay'])).toMatchObject({ exitCode: 2 });
    expect(await command(['show', 'unknown'])).toMatchObject({ exitCode: 3 });
    expect(await command(['undo', '9999'])).toMatchObject({ exitCode: 3 });
    expect(await command(['discard', '--all'])).toMatchObject({ exitCode: 6 });
    const nowhere = { AMQP_URL: 'amqp://127.0.0.1:1' };
    expect(await command(['list'], nowhere)).toMatchObject({ exitCode: 1 });
    const blind = { AMQP_MANAGEMENT_URL: '' };
    expect((await command(['list', '--json'], blind)).output).toContain('"count": 1');
    const options = { amqpUrl: broker.amqpUrl, queues: [dead], by: 'a test', waitMs: 1_000 };
    const groups = await DeadLetters.use({ ...options, contractOf: () => undefined }, (all) =>
      all.list(),
    );
    expect(groups).toHaveLength(1);
  });
});

/** Of the whole command, its start included. */
function tell(listedIn: number, replayedIn: number): void {
  const times = `listed in ${listedIn.toFixed(2)} s, replayed in ${replayedIn.toFixed(2)} s`;
  process.stdout.write(
    `${count} dead letters: ${times}, ${Math.round(count / replayedIn)} a second\n`,
  );
}
