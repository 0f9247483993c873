import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OnWork, once, send, type Message } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench, insertEffect } from './bench';
import { DoWork } from './contracts';

const endSession = { name: 'test-end', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };

const attempts: number[] = [];

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  /** Its session ends in the midst of each attempt up to the one that `what` says. */
  @OnWork(DoWork, { retry: ['1s', '1s'] })
  async handle({ what }: DoWork, message: Message): Promise<void> {
    attempts.push(message.attempt);
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await tx.query(insertEffect, [what]);
      if (message.attempt <= Number(what)) await tx.query(endSession);
    });
  }
}

describe('a handler whose database goes away', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open();
    await bench.start([Worker]);
  });
  afterAll(() => bench.close());
  beforeEach(() => void attempts.splice(0));

  it('handles its message once the database is back, in one of its attempts', async () => {
    await bench.db.transaction((tx) => send(tx, DoWork, { what: '2' }));
    await eventually(async () => expect(await bench.effects()).toEqual(['2']));
    expect(attempts).toEqual([1, 2, 3]);
    expect(await bench.broker.deadLetters('tests.do-work')).toEqual([]);
  });

  it('gives its message up after the last one, and says why', async () => {
    await bench.db.transaction((tx) => send(tx, DoWork, { what: '3' }));
    const [letter] = await eventually(async () => {
      const letters = await bench.broker.deadLetters('tests.do-work');
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(attempts).toEqual([1, 2, 3]);
    expect(letter?.headers).toMatchObject({
      'x-error-code': 'database_unavailable',
      'x-error-message': expect.stringContaining('the database cannot do this now: ') as string,
    });
  });
});
