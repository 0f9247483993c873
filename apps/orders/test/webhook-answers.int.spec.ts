import { eventually } from '@tradepost/test-kit';
import { WebhookStage } from './webhook-stage';

describe('a webhook', () => {
  let stage: WebhookStage;

  beforeAll(async () => {
    stage = await WebhookStage.open();
  });
  afterAll(async () => stage?.close());

  it.each([
    [200, 'delivered'],
    [299, 'delivered'],
    [300, 'pending'],
    [404, 'pending'],
  ])('that is answered %d is %s', async (lastStatus, status) => {
    const path = `/${lastStatus}`;
    stage.receiver.answers.set(path, { status: lastStatus });
    const { id } = await stage.webhooks.register(stage.receiver.url(path), ['order.cancelled']);
    await stage.api.cancel((await stage.api.place()).id);
    const lastError = status === 'delivered' ? null : `answered ${lastStatus}`;
    await eventually(async () =>
      expect(await stage.webhooks.deliveries(id)).toMatchObject([
        { status, lastStatus, lastError },
      ]),
    );
    await stage.webhooks.remove(id);
  });
});
