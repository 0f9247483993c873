import type { Wiring } from '@tradepost/messaging';
import { type Contract, fanout, rpc, topic } from '@tradepost/messaging/contract';
import { IsString } from 'class-validator';
import { asyncApiOf } from '../asyncapi/document';
import type { Speaker } from '../speakers';
import type { AsyncApi } from './document';

class Noted {
  static readonly route = topic('notes');
  static readonly sample: Noted = { what: 'that' };

  @IsString()
  what!: string;
}

class HappenedV2 {
  static readonly route = fanout('happened');
  static readonly type = 'Happened';
  static readonly sample: HappenedV2 = { what: 'that' };

  @IsString()
  what!: string;
}

class Bare {
  static readonly route = fanout('bare');

  @IsString()
  what!: string;
}

class Refusal {
  static readonly route = rpc('tests.refusal', Noted);
  static readonly sample: Refusal = { what: 'that' };

  @IsString()
  what!: string;
}

const plain: Wiring = {
  name: 'Plain.handle',
  kind: 'topic',
  queue: 'tests.plain',
  bindings: [{ exchange: 'others', type: 'topic', key: 'a.*' }],
  retry: ['1s'],
};

function speaking(sends: Contract[], ...wirings: Wiring[]): Speaker {
  return { name: 'tests', sends, wirings };
}

async function write(speaker: Speaker): Promise<AsyncApi> {
  return (await asyncApiOf([speaker])) as AsyncApi;
}

it('takes a handler without a contract, whose body is any object', async () => {
  const { channels, operations } = await write(speaking([Noted], plain));

  expect(operations['tests.receive.Plain.handle']?.messages).toEqual([
    { $ref: '#/channels/queue.tests.plain/messages/AnyObject' },
  ]);
  expect(channels['queue.tests.plain']?.bindings?.amqp).toMatchObject({
    'x-bindings': [{ exchange: 'others', routingKey: 'a.*' }],
  });
});

it('takes a topic whose keys are not known', async () => {
  const { channels } = await write(speaking([Noted]));

  expect(channels['exchange.notes']).toMatchObject({
    address: '{key}',
    parameters: { key: { description: 'What it is about.' } },
  });
});

it('has the type that messages say, which may not be the name of the class', async () => {
  const { components } = await write(speaking([HappenedV2]));
  const message = components.messages['HappenedV2'];

  expect(message?.bindings?.amqp.messageType).toBe('Happened');
  expect(message?.examples[0]?.headers['cloudEvents:type']).toBe('Happened');
});

it('wants a sample of each contract, and names of their own', async () => {
  await expect(asyncApiOf([speaking([Bare])])).rejects.toThrow(
    'Bare has no `static readonly sample`',
  );
  await expect(asyncApiOf([speaking([Refusal])])).rejects.toThrow(
    "Refusal is a name of the document's own",
  );
});
