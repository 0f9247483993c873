import { DeadLetters } from '@tradepost/messaging';
import {
  createTestDatabase,
  environment,
  eventually,
  ServiceProcess,
  TestBroker,
} from '@tradepost/test-kit';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BrokerApi } from '../src/topology/broker-api';

const root = resolve(__dirname, '../../..');
const program = join(root, 'dist/ops/topology.js');
const queue = 'payments.charge-payment';
const holding = `${queue}.moving`;
const quorum = { 'x-queue-type': 'quorum' };

describe('npm run topology', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let api: BrokerApi;

  beforeEach(async () => {
    broker = await TestBroker.create();
    model = await connect(broker.amqpUrl);
    // `apply` closes every connection but its own.
    model.on('error', () => undefined);
    api = new BrokerApi(environment().managementUrl, broker.amqpUrl);
  });
  afterEach(async () => {
    await model.close().catch(() => undefined);
    await broker.close();
  });

  const onChannel = async (work: (channel: Channel) => Promise<unknown>) => {
    const channel = await model.createChannel();
    await work(channel);
    await channel.close();
  };
  const fill = async (count: number) => {
    const channel = await model.createConfirmChannel();
    for (let i = 0; i < count; i += 1) {
      channel.sendToQueue(queue, Buffer.from('{}'), { persistent: true, messageId: `${i}` });
    }
    await channel.waitForConfirms();
    await channel.close();
  };

  /** The command as its own process, until it ends or `until` resolves: then it is killed. */
  const command = async (args: string[], { cwd = root, until, env }: CommandOptions = {}) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: {
        PATH: process.env.PATH,
        AMQP_URL: broker.amqpUrl,
        AMQP_MANAGEMENT_URL: environment().managementUrl,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (output += text));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    try {
      await until?.();
    } finally {
      if (until !== undefined) child.kill('SIGKILL');
    }
    return { exitCode: await ended, output };
  };

  it('plan, apply and --prune say by their exit codes what there is to do', async () => {
    const empty = await command(['plan']);
    expect(empty.exitCode).toBe(2);
    expect(empty.output).toMatch(
      /^missing +queue payments\.charge-payment\n.*\n +apply creates it$/m,
    );
    const made = await command(['apply']);
    expect(made.output).toContain(`created queue ${queue}`);
    expect(made.output).toContain('The broker has the desired topology, and nothing else.');
    expect(made.exitCode).toBe(0);
    await onChannel(async (channel) => {
      await channel.assertQueue('left-over', { arguments: quorum });
      await channel.bindQueue('left-over', 'sale-finalized', '');
    });
    // Looking for dead letters leaves a trail on the broker, which is ours.
    const operator = { by: 'paul', queues: [queue], contractOf: () => undefined, waitMs: 1_000 };
    await DeadLetters.use({ amqpUrl: broker.amqpUrl, ...operator }, (letters) => letters.list());
    const extra = await command(['plan', '--json']);
    expect(extra.exitCode).toBe(0);
    const { differences, advice } = JSON.parse(extra.output) as {
      differences: { name: string }[];
      advice: object[];
    };
    // Everything in the shop is handled, and every handler provided.
    expect(advice).toEqual([]);
    expect(differences.map(({ name }) => name)).toEqual(['left-over']);
    expect((await command(['plan', '--prune'])).exitCode).toBe(2);
    const pruned = await command(['apply', '--prune']);
    expect(pruned.output).toContain('removed queue left-over');
    expect(pruned.exitCode).toBe(0);
  }, 120_000);

  it('apply makes no queue while nodes are missing that it should be on', async () => {
    const early = await command(['apply'], { env: { AMQP_QUEUE_REPLICAS: '3' } });
    expect(early.output).toContain('nodes of the broker that run: 1, queues shall be on 3');
    expect(early.exitCode).toBe(1);
    expect((await api.found()).queues).toEqual([]);
  });

  it('apply unlocks what a killed one has locked, also while nodes are missing', async () => {
    await api.limitConnections(0);
    await model.close();
    await eventually(async () => expect(await api.connectionNames()).toEqual([]));
    const { exitCode, output } = await command(['apply'], { env: { AMQP_QUEUE_REPLICAS: '3' } });
    expect(output).toContain('unlocked it');
    expect(exitCode).toBe(1);
    expect(await api.connectionsMax()).toBeUndefined();
  });

  it('killed in the middle of a move, and under the lock: the next apply goes on', async () => {
    const count = 20_000;
    await onChannel(async (channel) => {
      await channel.assertQueue(queue, { arguments: quorum });
    });
    await fill(count);
    const moving = async () => expect(await broker.depth(holding)).toBeGreaterThan(0);
    await command(['apply'], { until: () => eventually(moving, within) });
    expect(await broker.depth(holding)).toBeLessThan(count);
    expect((await command(['plan'])).output).toMatch(/^unfinished +queue .*moving\n.*wait here/m);

    const locked = async () => expect(await api.connectionsMax()).toBe(0);
    await command(['apply'], { until: () => eventually(locked, within) });
    // The releaser of the killed one unlocks it; nothing else does.
    await eventually(async () => expect(await api.connectionsMax()).toBeUndefined());

    const { exitCode, output } = await command(['apply']);
    expect(output).toContain('The broker has the desired topology');
    expect(exitCode).toBe(0);
    model = await connect(broker.amqpUrl);
    const ids = new Set<string>();
    const take = (raw: ConsumeMessage | null) => ids.add(String(raw?.properties.messageId));
    await (await model.createChannel()).consume(queue, take, { noAck: true });
    await eventually(() => expect(ids.size).toBe(count), within);
  }, 120_000);

  it('a service exits with 1 and an explanation when its queue is of another kind', async () => {
    await onChannel((channel) => channel.assertQueue('users.get-user', { arguments: quorum }));
    const database = await createTestDatabase('users');
    const { amqpUrl: AMQP_URL } = broker;
    const env = { AMQP_URL, POSTGRES_URL: database.serviceUrl, LOG_FORMAT: 'text', NO_COLOR: '1' };
    const service = await ServiceProcess.start({ app: 'users', env });
    const exit = await eventually(() => service.exited).finally(() => service.kill());
    await database.drop();
    expect(exit).toEqual({ code: 1, signal: null });
    const said = service.lines.join('\n');
    expect(said).toContain('users cannot start: the broker has it otherwise');
    expect(said).toMatch(/queue users\.get-user: queue\.declare is refused: .*x-queue-type/);
    expect(said).toContain('npm run topology -- apply');
  }, 30_000);

  it('graph --check exits with 1 when docs/TOPOLOGY.md is old', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'topology-'));
    const file = join(cwd, 'docs/TOPOLOGY.md');
    await mkdir(join(cwd, 'docs'));
    await copyFile(join(root, 'docs/TOPOLOGY.md'), file);
    expect((await command(['graph', '--check'], { cwd })).exitCode).toBe(0);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));
    expect((await command(['graph', '--check'], { cwd })).exitCode).toBe(0);
    await writeFile(file, '# Of yesterday\n');
    const old = await command(['graph', '--check'], { cwd });
    expect(old.exitCode).toBe(1);
    expect(old.output).toContain('run `npm run topology -- graph`');
    await command(['graph'], { cwd });
    expect((await command(['graph', '--check'], { cwd })).exitCode).toBe(0);
    await rm(cwd, { recursive: true });
  }, 30_000);
});

interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  until?: () => Promise<unknown>;
}

const within = { withinMs: 30_000, everyMs: 10 };
