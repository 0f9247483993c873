import { LogEntries, SaleBooked, SaleFinalized } from '@tradepost/contracts';
import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { FinancialModule } from '../src/financial.module';

const paymentToken = 'tok_only_for_payments';
const saleOf = (): SaleFinalized => ({
  ...SaleFinalized.sample,
  orderId: randomUUID(),
  paymentToken,
});
const everyRow = `SELECT database_to_xml(true, false, '')::text AS rows`;

/** OWASP API3 properties: financial is told it with each sale, and has no use for it. */
describe('the payment token of a sale', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await testService(FinancialModule, { LOG_LEVEL: 'debug' });
  });
  afterAll(async () => service.stop());

  it('is in no row and no log line of financial: booked, repeated or refused', async () => {
    const { broker, db } = service;
    const booked = await broker.listen(SaleBooked);
    const logged = await broker.listen(LogEntries);
    const sale = saleOf();
    await broker.publish(SaleFinalized, sale);
    await broker.publish(SaleFinalized, sale);
    const queue = 'financial.sale-finalized';
    const refused = [
      JSON.stringify({ ...saleOf(), items: [] }),
      JSON.stringify({ ...saleOf(), paymentToken: paymentToken.repeat(4) }),
      JSON.stringify(saleOf()).replace(`"${paymentToken}"`, paymentToken),
    ];
    for (const content of refused) await broker.sendToQueue(queue, Buffer.from(content));

    await eventually(async () => {
      expect(booked.messages.map(({ body }) => body.orderId)).toContain(sale.orderId);
      expect(await broker.deadLetters(queue)).toHaveLength(refused.length);
      const lines = JSON.stringify(logged.messages.map(({ body }) => body));
      expect(lines).toContain('sale booked');
      expect(lines.match(/message dead-lettered/g)).toHaveLength(refused.length);
    });

    const [{ rows } = { rows: '' }] = await db.query<{ rows: string }>({
      name: 'test-every-row',
      text: everyRow,
    });
    expect(rows).toContain(sale.orderId);
    expect(rows).not.toContain('tok_');
    const lines = JSON.stringify(logged.messages.map(({ body }) => body));
    expect(lines).not.toContain('tok_');
  });
});
