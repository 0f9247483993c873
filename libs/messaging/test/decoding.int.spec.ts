import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OnRpc, OnWork, once, type Message, type Received } from '@tradepost/messaging';
import { InvalidBody, RpcFailed } from '@tradepost/messaging';
import { rpc, work } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/test-kit';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { v7 } from 'uuid';
import { bundleType } from '../src/bundle';
import { inheritedName } from '../src/validation/plain';
import { Bench, insertEffect, type Replica } from './bench';

class Letter {
  static readonly route = work('tests.letter');

  @IsString()
  what!: string;

  @IsOptional()
  @IsObject()
  more?: Record<string, unknown>;
}

class Echo {
  @IsString()
  text!: string;
}

class Call {
  static readonly route = rpc('tests.call', Echo);

  @IsString()
  text!: string;
}

const called: string[] = [];

@Injectable()
class Reader {
  constructor(private readonly db: Db) {}

  @OnWork(Letter, { retry: ['1s'] })
  async read({ what }: Letter, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [what]);
    });
  }

  @OnRpc(Call, { batch: { size: 4 } })
  async call(questions: Received<Call>[]): Promise<Echo[]> {
    called.push(...questions.map(({ body }) => body.text));
    const answers = questions.map(({ body: { text } }) => ({ text: text === 'nul' ? '\0' : text }));
    return Promise.resolve(answers);
  }
}

const { queue } = Letter.route;
const broken = 'must not contain U+0000 or half of a surrogate pair';

let bench: Bench;
let service: Replica;

beforeAll(async () => {
  bench = await Bench.open();
  service = await bench.start([Reader]);
});
afterAll(() => bench.close());

async function dead(messageId: string) {
  return eventually(async () => {
    const deadLetters = await bench.broker.deadLetters(queue);
    const deadLetter = deadLetters.find(({ properties }) => properties.messageId === messageId);
    if (deadLetter === undefined) throw new Error(`${messageId} is not among the dead letters`);
    return deadLetter.headers;
  });
}

async function send(content: Buffer | string, properties = {}): Promise<string> {
  const messageId = v7();
  await bench.broker.sendToQueue(queue, Buffer.from(content), { messageId, ...properties });
  return messageId;
}

const handled = async (what: string) =>
  eventually(async () => expect(await bench.effects()).toContain(what));

describe('content that comes', () => {
  it.each([
    ['latin-1', Buffer.from('{"what":"Jos\xe9"}', 'latin1')],
    ['an emoji cut in two', Buffer.from('{"what":"\u{1F408}"}').fill('"}', 11)],
  ])('that is not UTF-8 (%s) is dead-lettered at once, saying so', async (_what, content) => {
    expect(await dead(await send(content))).toMatchObject({
      'x-error-code': 'bad_json',
      'x-error-message': 'not UTF-8',
      'x-attempts': 1,
    });
  });

  it('may begin with a byte order mark, alone, in a bundle and over rpc', async () => {
    await send('\uFEFF{"what":"marked"}');
    await handled('marked');
    const events = JSON.stringify([{ id: v7(), data: { what: 'marked in a bundle' } }]);
    await send(`\uFEFF${events}`, { contentType: bundleType });
    await handled('marked in a bundle');
    const { body } = await bench.broker.ask('tests.call', Buffer.from('\uFEFF{"text":"marked"}'));
    expect(body).toEqual({ text: 'marked' });
  });
});

describe('a text that nothing can store', () => {
  it.each([
    ['U+0000', '{"what":"a\\u0000b"}', '/what'],
    ['the first half of a pair', '{"what":"\\ud83d"}', '/what'],
    ['the second half of a pair', '{"what":"\\uDC08!"}', '/what'],
    ['U+0000 deep inside', '{"what":"x","more":{"list":[{"a/b":"\\u0000"}]}}', '/more/list/0/a~1b'],
    ['U+0000 in a name', '{"what":"x","more":{"\\u0000":1}}', '/more/\0'],
  ])('(%s) is dead-lettered at once, with its field', async (_what, content, field) => {
    expect(await dead(await send(content))).toMatchObject({
      'x-error-code': 'invalid_body',
      'x-error-message': `Letter: ${field} ${broken}`,
      'x-attempts': 1,
    });
  });

  it.each([
    ['an escaped backslash', String.raw`{"what":"\\u0000 \\ud83d"}`, String.raw`\u0000 \ud83d`],
    ['a pair', String.raw`{"what":"\ud83d\udc08"}`, '\u{1F408}'],
    ['a field that is not known', String.raw`{"what":"newer","text":"\u0000"}`, 'newer'],
  ])('is none: %s', async (_what, content, what) => {
    await send(content);
    await handled(what);
  });

  it('leaves its bundle alone', async () => {
    const [first, second, third] = [v7(), v7(), v7()];
    const events = [
      { id: first, data: { what: 'before' } },
      { id: second, data: { what: 'a\0b' } },
      { id: third, data: { what: 'after' } },
    ];
    await send(JSON.stringify(events), { contentType: bundleType });
    await handled('before');
    await handled('after');
    expect(await dead(second)).toMatchObject({ 'x-error-message': `Letter: /what ${broken}` });
  });

  it('is refused in a question, and in an answer', async () => {
    const question = Buffer.from('{"text":"\\u0000"}');
    const { headers, body } = await bench.broker.ask('tests.call', question);
    expect(headers['x-error-code']).toBe('invalid_body');
    expect(body).toMatchObject({ error: { message: `Call: /text ${broken}` } });
    expect(called).not.toContain('\0');
    const answer = service.messages.ask(Call, { text: 'nul' });
    await expect(answer).rejects.toThrow(RpcFailed);
    await expect(answer).rejects.toThrow(`its answer is invalid: Echo: /text ${broken}`);
  });

  it('is refused on its way out', async () => {
    const sent = service.messages.ask(Call, { text: 'a\ud800' });
    await expect(sent).rejects.toThrow(new InvalidBody('Call', [`/text ${broken}`]));
  });
});

describe('a name that every object has', () => {
  it.each([
    [
      'in a field that takes any object',
      '{"what":"x","more":{"constructor":1}}',
      '/more/constructor',
    ],
    ['deep in it', '{"what":"x","more":{"a":[{"__proto__":{"b":1}}]}}', '/more/a/0/__proto__'],
    ['for a field', '{"what":"x","__proto__":{"what":"y"}}', '/__proto__'],
    ['in a field that is not known', '{"what":"x","new":{"toString":1}}', '/new/toString'],
  ])('(%s) is dead-lettered once, with its field', async (_what, content, field) => {
    const messageId = await send(content);
    expect(await dead(messageId)).toMatchObject({
      'x-error-code': 'invalid_body',
      'x-error-message': `Letter: ${field} ${inheritedName}`,
      'x-attempts': 1,
    });
    const all = await bench.broker.deadLetters(queue);
    expect(all.filter(({ properties }) => properties.messageId === messageId)).toHaveLength(1);
  });

  it('is refused in a question, and on its way out', async () => {
    const question = Buffer.from('{"text":"x","constructor":{}}');
    const { body } = await bench.broker.ask('tests.call', question);
    const refusal = `Call: /constructor ${inheritedName}`;
    expect(body).toMatchObject({ error: { message: refusal } });
    const asked = JSON.parse(question.toString()) as Call;
    await expect(service.messages.ask(Call, asked)).rejects.toThrow(refusal);
  });
});

describe('properties that nothing can store', () => {
  it.each(['a\0b', 'Jos\uFFFD'])('make %j no message id', async (messageId) => {
    const what = `with ${JSON.stringify(messageId)} for an id`;
    await bench.broker.sendToQueue(queue, { what }, { messageId });
    await eventually(async () => {
      const deadLetters = await bench.broker.deadLetters(queue);
      const found = deadLetters.find(({ body }) => (body as Letter).what === what);
      expect(found?.headers).toMatchObject({ 'x-error-code': 'missing_message_id' });
    });
  });

  it('are left out elsewhere', async () => {
    await send('{"what":"odd"}', { correlationId: 'a\0b', appId: '\0', type: '\0' });
    await handled('odd');
  });
});
