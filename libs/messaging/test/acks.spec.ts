import type { Channel, ConsumeMessage } from 'amqplib';
import { Acks } from '../src/consume/acks';

const message = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage;
const turn = async () => new Promise((resolve) => setImmediate(resolve));

describe('the acks of a channel', () => {
  /** What the broker gets, in its order. */
  const written: string[] = [];
  const failures: string[] = [];
  let refusal: Error | undefined;
  let acks: Acks;

  const write = (line: string) => {
    if (refusal !== undefined) throw refusal;
    written.push(line);
  };
  const channel = {
    ack: ({ fields }: ConsumeMessage, all = false) =>
      write(`${all ? 'all to' : 'alone'} ${fields.deliveryTag}`),
    reject: ({ fields }: ConsumeMessage, requeue: boolean) =>
      write(`${requeue ? 'back' : 'away'} ${fields.deliveryTag}`),
  } as unknown as Channel;
  const took = (count: number) => {
    const messages = Array.from({ length: count }, (_, index) => message(index + 1));
    for (const one of messages) acks.took(one);
    return (tag: number) => messages[tag - 1] ?? message(tag);
  };

  beforeEach(() => {
    written.length = failures.length = 0;
    refusal = undefined;
    acks = new Acks(channel, (error) => failures.push(error.message));
  });
  afterEach(() => expect(failures.splice(0)).toEqual([]));

  it('are one for all that is done, in whatever order it was', async () => {
    const tag = took(3);
    for (const done of [2, 3, 1]) acks.ack(tag(done));
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual(['all to 3']);
  });

  it('never reach what is not done: beyond it they are one each', async () => {
    const tag = took(5);
    for (const done of [5, 2, 1, 4]) acks.ack(tag(done));
    await turn();
    expect(written.splice(0)).toEqual(['alone 5', 'alone 4', 'all to 2']);
    acks.ack(tag(3));
    await turn();
    expect(written).toEqual(['all to 3']);
  });

  it('are one a message, however often it ends', async () => {
    const tag = took(4);
    acks.ack(tag(1));
    acks.ack(tag(1));
    acks.requeue(tag(1));
    acks.refuse(tag(1));
    acks.requeue(tag(2));
    acks.requeue(tag(2));
    acks.ack(tag(2));
    acks.refuse(tag(3));
    acks.refuse(tag(3));
    acks.requeue(tag(3));
    acks.ack(message(7));
    acks.requeue(message(8));
    await turn();
    acks.ack(tag(1));
    await turn();
    expect(written).toEqual(['back 2', 'away 3', 'all to 1']);
  });

  it('come before what is written after them, which is written once', async () => {
    const tag = took(2);
    acks.ack(tag(1));
    acks.afterwards(() => write('answer'));
    await turn();
    acks.afterwards(() => write('answer alone'));
    await turn();
    acks.flush();
    expect(written).toEqual(['all to 1', 'answer', 'answer alone']);
  });

  it('are all written by a flush, and never twice', async () => {
    const tag = took(1);
    acks.ack(tag(1));
    acks.flush();
    expect(written).toEqual(['all to 1']);
    await turn();
    expect(written).toEqual(['all to 1']);
  });

  it('that a closed channel does not take are nobody’s fault; all else is reported', async () => {
    const tag = took(2);
    refusal = Object.assign(new Error('closed'), { name: 'IllegalOperationError' });
    acks.ack(tag(1));
    acks.requeue(tag(2));
    acks.afterwards(() => write('answer'));
    await turn();
    expect(failures).toEqual([]);
    refusal = new Error('no');
    acks.afterwards(() => write('answer'));
    acks.afterwards(() => write('another'));
    await turn();
    expect(failures.splice(0)).toEqual(['no', 'no']);
  });
});
