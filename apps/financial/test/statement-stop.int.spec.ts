import { databaseUrl, Db } from '@tradepost/database';
import { environment, testService } from '@tradepost/test-kit';
import { get, type IncomingMessage } from 'node:http';
import { FinancialModule } from '../src/financial.module';

// More than the sockets between hold. Without the triggers, which would take their time.
const withoutTriggers = ['ledger_entries', 'ledger_postings'].map((table) => ({
  name: '',
  text: `ALTER TABLE ${table} DISABLE TRIGGER USER`,
}));
const bookMuch = {
  name: '',
  text: `
    WITH given AS (SELECT gen_random_uuid() AS id FROM generate_series(1, 120000)), entries AS (
      INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
      SELECT id, id, 'sale', 2 FROM given
    )
    INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
    SELECT id, 1, 'receivable', 'debit', 'USD', 1 FROM given`,
};

it('a reader who has stopped reading a statement does not keep the service from stopping', async () => {
  const service = await testService(FinancialModule, { SHUTDOWN_TIMEOUT_MS: '2000' });
  const [row] = await service.db.query<{ name: string }>({
    name: '',
    text: 'SELECT current_database() AS name',
  });
  const admin = new Db({ url: databaseUrl(environment().postgresUrl, { name: row?.name ?? '' }) });
  await admin.transaction(async (tx) => {
    for (const statement of withoutTriggers) await tx.query(statement);
    await tx.query(bookMuch);
  });
  await admin.close();
  const query = 'account=receivable&currency=USD&from=2000-01-01&to=2999-01-01';
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`${service.url}/v1/ledger/statement.csv?${query}`, { agent: false }, resolve);
  });
  const ended = new Promise<string>((resolve) => {
    response.once('error', ({ message }) => resolve(message));
    response.once('end', () => resolve('whole'));
  });
  response.once('readable', () => undefined);
  await service.stop();
  response.resume();
  expect(await ended).toBe('aborted');
});
