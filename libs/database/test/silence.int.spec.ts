import { Db } from '@tradepost/database';
import { environment, TcpTap } from '@tradepost/test-kit';
import { withConnection } from '../src/connection';

const one = { name: 'test-one', text: 'SELECT 1 AS one' };

describe('a database that falls silent', () => {
  let tap: TcpTap;

  beforeEach(async () => (tap = await TcpTap.open(environment().postgresUrl)));
  afterEach(async () => tap.close());

  it('does not keep a pool from closing', async () => {
    const db = new Db({ url: tap.url, poolMax: 2 });
    await db.query(one);
    expect(tap.silence()).toBe(1);
    await db.close();
  }, 20_000);

  it('does not keep a lone connection from ending', async () => {
    await withConnection(tap.url, async (connection) => {
      await connection.query('SELECT 1');
      expect(tap.silence()).toBe(1);
    });
  }, 20_000);
});
