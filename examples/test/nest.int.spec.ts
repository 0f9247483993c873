import { transformSync } from '@swc/core';
import { ServiceProcess, TestBroker, eventually } from '@tradepost/test-kit';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const example = join(root, 'examples/nest');
const patched = 'examples/nest-on-the-runtime';

/** What one line more or less would be a different promise. */
const linesMax = 10;

describe("the example of a service on Nest's transport", () => {
  let broker: TestBroker;
  let service: ServiceProcess | undefined;

  beforeEach(async () => {
    broker = await TestBroker.create();
  });
  afterEach(async () => {
    await service?.kill();
    await broker.close();
  });
  afterAll(() => rmSync(join(root, 'dist', patched), { recursive: true, force: true }));

  async function start(folder: string): Promise<void> {
    const env = { ...process.env, AMQP_URL: broker.amqpUrl };
    service = await ServiceProcess.start({ app: 'example', main: `${folder}/src/main.js`, env });
    await eventually(() => broker.depth('warehouse'));
  }

  /** The example with its patch, built beside it. */
  function patch(): void {
    const folder = mkdtempSync(join(tmpdir(), 'example-'));
    try {
      cpSync(join(example, 'src'), join(folder, 'src'), { recursive: true });
      execFileSync('git', ['apply', join(example, 'to-runtime.patch')], { cwd: folder });
      mkdirSync(join(root, 'dist', patched, 'src'), { recursive: true });
      for (const file of readdirSync(join(folder, 'src'))) {
        const text = readFileSync(join(folder, 'src', file), 'utf8');
        const filename = join(example, 'src', file);
        const { code } = transformSync(text, { filename, cwd: root, jsc: { baseUrl: root } });
        writeFileSync(join(root, 'dist', patched, 'src', file.replace(/ts$/, 'js')), code);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  const place = async (orderId: string, quantity: number) =>
    broker.sendToQueue('warehouse', {
      pattern: 'order-placed',
      data: { orderId, sku: 'MUG-BLUE', quantity },
    });
  const reserves = async () => {
    await place('a', 4);
    const { messages } = await broker.takeFrom('shipping');
    const reserved = { pattern: 'stock-reserved', data: { orderId: 'a' } };
    await eventually(() => expect(messages.map(({ body }) => body)).toEqual([reserved]));
    const question = { pattern: 'stock-of', data: { sku: 'MUG-BLUE' }, id: 'q' };
    const answer = await broker.ask('warehouse', question);
    expect(answer.body).toMatchObject({ response: { sku: 'MUG-BLUE', left: 6 } });
  };

  it('works as the documentation shows it', async () => {
    await broker.declareQueue('shipping');
    await start('examples/nest');
    await reserves();
  }, 30_000);

  it('works on the runtime after its patch, which tries again what has failed', async () => {
    patch();
    await broker.declareQueue('shipping');
    await start(patched);
    await reserves();
    await place('b', 100);
    await eventually(async () => expect(await broker.depth('retry.5s')).toBe(1));
    await broker.sendToQueue('warehouse', { pattern: 'order-plucked', data: {} });
    await eventually(async () =>
      expect(await broker.deadLetters('warehouse')).toMatchObject([
        { headers: { 'x-error-code': 'no_handler' } },
      ]),
    );
    expect(await service?.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  }, 30_000);

  it('has a patch of at most ten changed lines', () => {
    const text = readFileSync(join(example, 'to-runtime.patch'), 'utf8');
    const changed = text.split('\n').filter((line) => /^[+-](?![+-])/.test(line));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThanOrEqual(linesMax);
  });
});
