import { connect } from 'amqplib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../../dev/local/rabbitmq-node';
import { findRabbit, onPath } from '../../../dev/local/rabbitmq-program';

const queue = 'kept';
const own = process.env.LC_ALL;
let dataFolder: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'täst-'));
});

afterAll(async () => {
  if (own === undefined) delete process.env.LC_ALL;
  else process.env.LC_ALL = own;
  await rm(dataFolder, { recursive: true, force: true });
});

async function startIn(locale: string) {
  process.env.LC_ALL = locale;
  const node = await startNode(await findRabbit(), { dataFolder });
  const model = await connect(node.url);
  model.on('error', () => undefined);
  return { node, model };
}

const isInstalled = onPath('rabbitmq-server') !== undefined;
const nodes = isInstalled ? ['a private node'] : ['no rabbitmq-server on PATH: not tried'];

it.each(nodes)(
  '%s finds its data again in any locale',
  async () => {
    if (!isInstalled) return;
    const first = await startIn('C.UTF-8');
    const channel = await first.model.createConfirmChannel();
    await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue(queue, Buffer.from('still here'));
    await channel.waitForConfirms();
    await first.model.close();
    await first.node.stop();

    const second = await startIn('C');
    try {
      const reader = await second.model.createChannel();
      const got = await new Promise((resolve, reject) => {
        reader.on('error', reject);
        reader.consume(queue, (message) => resolve(message?.content.toString())).catch(reject);
      });
      expect(got).toBe('still here');
    } finally {
      await second.node.stop();
    }
  },
  60_000,
);
