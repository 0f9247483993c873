import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { v7 as uuidv7 } from 'uuid';

type Row = Record<string, unknown>;
const [notNull, unique] = ['23502', '23505'];

describe('outbox and inbox as the database keeps them', () => {
  let database: TestDatabase;
  let db: Db;
  const now = new Date().toISOString();
  const tables: Record<string, Row> = {
    outbox: {
      ...{ id: uuidv7(), exchange: '', exchange_type: 'direct', routing_key: 'q' },
      ...{
        type: 'DoWork',
        body: '{}',
        is_bundle: false,
        correlation_id: 'c',
        created_at: now,
        attempts: 0,
        not_before: now,
      },
    },
    inbox: { queue: 'tests.do-work', message_id: uuidv7(), received_at: now },
  };
  const key: Record<string, string> = { outbox: 'id', inbox: 'message_id' };

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url });
    for (const [table, row] of Object.entries(tables)) await insert(table, row);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  async function insert(table: string, row: Row): Promise<void> {
    const text = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
    await db.query({ name: `test-${table}`, text }, [JSON.stringify(row)]);
  }

  it.each(Object.keys(tables))('the %s wants every column but the trace', async (table) => {
    for (const column of Object.keys(tables[table] ?? {})) {
      const row = { ...tables[table], [key[table] ?? '']: uuidv7(), [column]: null };
      await expect(insert(table, row)).rejects.toMatchObject({ code: notNull, column });
    }
  });

  it.each(Object.keys(tables))('the %s has each key once', async (table) => {
    await expect(insert(table, tables[table] ?? {})).rejects.toMatchObject({ code: unique });
  });
});
