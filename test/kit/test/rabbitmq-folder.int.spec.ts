import { connect } from 'amqplib';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '../../../dev/local/rabbitmq-node';
import { findRabbit, onPath } from '../../../dev/local/rabbitmq-program';
import { forgetPath } from '../../../dev/local/steady-path';

const queue = 'kept';
const moved = `ö 'b"c$d`;
const own = process.env.LC_ALL;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-'));
});

afterAll(async () => {
  if (own === undefined) delete process.env.LC_ALL;
  else process.env.LC_ALL = own;
  await forgetPath(join(folder, moved, 'rabbitmq'));
  await rm(folder, { recursive: true, force: true });
});

async function startIn(name: string, locale: string) {
  process.env.LC_ALL = locale;
  const node = await startNode(await findRabbit(), { dataFolder: join(folder, name) });
  const model = await connect(node.url);
  model.on('error', () => undefined);
  return { node, model };
}

const isInstalled = onPath('rabbitmq-server') !== undefined;
const nodes = isInstalled ? ['a private node'] : ['no rabbitmq-server on PATH: not tried'];

it.each(nodes)(
  '%s finds its data again in another locale, and when their folder was moved',
  async () => {
    if (!isInstalled) return;
    const first = await startIn('ä', 'C.UTF-8');
    const channel = await first.model.createConfirmChannel();
    await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue(queue, Buffer.from('still here'));
    await channel.waitForConfirms();
    await first.model.close();
    await first.node.stop();

    await rename(join(folder, 'ä'), join(folder, moved));
    const second = await startIn(moved, 'C');
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
