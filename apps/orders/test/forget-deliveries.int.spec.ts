import { randomUUID } from 'node:crypto';
import { ForgetDeliveries } from '../src/webhooks/forget-deliveries';
import { WebhookDeliveriesStore } from '../src/webhooks/webhook-deliveries.store';
import { WebhookStage } from './webhook-stage';

describe('deliveries of webhooks', () => {
  let stage: WebhookStage;

  beforeAll(async () => {
    stage = await WebhookStage.open();
  });
  afterAll(async () => stage?.close());

  it('are forgotten after two weeks, all there are, by any number of replicas at once', async () => {
    const { db, app } = stage.service;
    const fresh = {
      id: randomUUID(),
      endpointId: randomUUID(),
      orderId: randomUUID(),
      type: 'order.paid' as const,
      body: '{}',
    };
    const old = Array.from({ length: 2_500 }, () => ({ ...fresh, id: randomUUID() }));
    const store = app.get(WebhookDeliveriesStore);
    await db.transaction((tx) => store.insertEach(tx, old));
    const sql = {
      name: 'test-age',
      text: `UPDATE webhook_deliveries SET created_at = now() - interval '15 days'`,
    };
    await db.query(sql);
    await db.transaction((tx) => store.insertEach(tx, [fresh]));
    const forget = app.get(ForgetDeliveries);
    await Promise.all([forget.run(), forget.run(), forget.run()]);
    const left = { name: 'test-left', text: 'SELECT id FROM webhook_deliveries' };
    expect(await db.query(left)).toEqual([{ id: fresh.id }]);
  });
});
