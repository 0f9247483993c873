import { Injectable } from '@nestjs/common';
import { DeadLetters, OnRpc, OnWork, RpcFailed } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bundleType } from '../src/bundle';
import { deadLetterLines } from '../src/commands/dead-letters-print';
import { Bench } from './bench';
import { Double, Doubled, DoWork, Find } from './contracts';

const done: string[] = [];

@Injectable()
class Workers {
  @OnWork(DoWork)
  async handle({ what }: DoWork): Promise<void> {
    done.push(what);
    return Promise.resolve();
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }
}

const queue = 'tests.do-work';
const dead = `${queue}.dead`;
const zipped = gzipSync('{"what":"zipped"}');

describe('content that is encoded', () => {
  let bench: Bench;

  beforeEach(async () => {
    done.splice(0);
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  const use = <T>(run: (deadLetters: DeadLetters) => Promise<T>) => {
    const options = { amqpUrl: bench.broker.amqpUrl, queues: [queue], by: 'test', waitMs: 10_000 };
    return DeadLetters.use({ ...options, contractOf: () => DoWork }, run);
  };
  const deadLettered = async () =>
    eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));

  it.each([
    ['a message', zipped, 'application/json'],
    ['a bundle', gzipSync('[]'), bundleType],
  ])('is a dead letter at once, that says which encoding: %s', async (_, content, contentType) => {
    await bench.start([Workers]);
    const properties = { messageId: 'a', contentType, contentEncoding: 'gzip' };
    await bench.broker.sendToQueue(queue, content, properties);
    await deadLettered();
    const [found] = await bench.broker.deadLetters(queue);
    expect(found?.properties).toMatchObject(properties);
    expect(found?.headers).toMatchObject({
      'x-error-code': 'unknown_encoding',
      'x-error-message': expect.stringContaining('"gzip"'),
      'x-attempts': 1,
    });
  });

  it('is shown as it is, and sent again without it when it is edited', async () => {
    await bench.start([Workers]);
    const properties = { messageId: 'a', type: 'DoWork', contentEncoding: 'gzip' };
    await bench.broker.sendToQueue(queue, zipped, properties);
    await deadLettered();
    const [shown] = await use((deadLetters) => deadLetters.show('a'));
    if (shown === undefined) throw new Error('it is not there');
    expect(shown).toMatchObject({ contentEncoding: 'gzip', bodyEncoding: 'base64' });
    expect(gunzipSync(Buffer.from(shown.body, 'base64')).toString()).toBe('{"what":"zipped"}');
    expect(deadLetterLines(shown).join('\n')).toMatch(/contentEncoding *gzip\n.*base64/);
    const { invalid } = await use((deadLetters) => deadLetters.preview({}));
    expect(invalid).toMatchObject([{ id: 'a', problem: expect.stringContaining('"gzip"') }]);
    const content = Buffer.from('{"what":"edited"}');
    await use((deadLetters) => deadLetters.replay({ ids: ['a'] }, { content }));
    await eventually(() => expect(done).toEqual(['edited']));
  });

  it('that is not UTF-8 is shown as base64 too, and text as text', async () => {
    await bench.start([Workers]);
    await bench.broker.sendToQueue(queue, Buffer.from('Jos\xe9', 'latin1'), { messageId: 'a' });
    await deadLettered();
    const [latin] = await use((deadLetters) => deadLetters.show('a'));
    expect(latin).toMatchObject({ body: 'Sm9z6Q==', bodyEncoding: 'base64' });
    await bench.broker.sendToQueue(dead, Buffer.from('José'), { messageId: 'b' });
    const [text] = await use((deadLetters) => deadLetters.show('b'));
    expect(text).toMatchObject({ body: 'José' });
    expect(text).not.toHaveProperty('bodyEncoding', 'base64');
  });

  it.each(['utf-8', 'UTF-8', 'utf8', 'us-ascii', 'identity', ''])(
    'as "%s" is what JSON is anyway',
    async (contentEncoding) => {
      await bench.start([Workers]);
      await bench.broker.sendToQueue(queue, { what: 'plain' }, { contentEncoding });
      await eventually(() => expect(done).toEqual(['plain']));
    },
  );

  it('is refused by name as a question, and as an answer', async () => {
    const { messages } = await bench.start([Workers]);
    const question = { contentEncoding: 'gzip' };
    const answer = await bench.broker.ask('tests.double', gzipSync('{"value":1}'), question);
    expect(answer.headers).toMatchObject({ 'x-error-code': 'unknown_encoding' });
    expect(answer.body).toMatchObject({ error: { code: 'unknown_encoding' } });
    const model = await connect(bench.broker.amqpUrl);
    const channel = await model.createChannel();
    await channel.assertQueue('tests.find');
    const reply = (raw: unknown) => {
      const { properties } = raw as { properties: { replyTo: string; correlationId: string } };
      const { replyTo, correlationId } = properties;
      const content = gzipSync('{"value":1}');
      channel.sendToQueue(replyTo, content, { correlationId, contentEncoding: 'gzip' });
    };
    await channel.consume('tests.find', reply, { noAck: true });
    const asked = messages.ask(Find, { value: 1 });
    await expect(asked).rejects.toThrow(RpcFailed);
    await expect(asked).rejects.toThrow('"gzip"');
    await model.close();
  });
});
