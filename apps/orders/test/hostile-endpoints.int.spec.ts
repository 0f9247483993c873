import { eventually, HostileServer } from '@tradepost/test-kit';
import { WebhookStage } from './webhook-stage';

/** As many as there may be, but for the good one. */
const hostileEndpoints = 12;
/** Each of them makes a delivery to every endpoint: more than one replica has under way. */
const orders = 10;

describe('endpoints that answer with an upgrade', () => {
  let stage: WebhookStage;
  let server: HostileServer;

  beforeAll(async () => {
    stage = await WebhookStage.open({ MESSAGE_HELD_MAX_MS: '20000' });
    server = await HostileServer.start('an upgrade');
  });
  afterAll(async () => {
    await stage?.close();
    await server?.stop();
  });

  it('take nothing from the others: each try fails with its reason, and readiness stays', async () => {
    const ids: string[] = [];
    for (let i = 0; i < hostileEndpoints; i += 1) {
      ids.push((await stage.webhooks.register(server.url(), ['order.paid'])).id);
    }
    await stage.webhooks.register(stage.receiver.url('/good'), ['order.paid']);
    await Promise.all(Array.from({ length: orders }, async () => stage.paid()));
    for (const id of ids) {
      await eventually(async () => {
        const deliveries = await stage.webhooks.deliveries(id);
        expect(deliveries).toHaveLength(orders);
        for (const { attempts, ...one } of deliveries) {
          expect(attempts).toBeGreaterThan(0);
          expect(one).toMatchObject({ status: 'pending', lastError: 'bad upgrade' });
        }
      });
    }
    await stage.posts('/good', orders);
    expect((await fetch(`${stage.service.url}/health/ready`)).status).toBe(200);
  }, 60_000);
});
