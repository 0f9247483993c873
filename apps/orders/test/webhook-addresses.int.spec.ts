import { eventually } from '@tradepost/test-kit';
import { verified, WebhookStage } from './webhook-stage';

describe('OWASP API7 SSRF: a webhook whose endpoint has turned out not to be public', () => {
  let stage: WebhookStage;

  beforeAll(async () => {
    stage = await WebhookStage.open({ WEBHOOKS_ALLOW_PRIVATE: 'false' });
  });
  afterAll(async () => stage?.close());

  /** What was public when it was registered leads elsewhere by now. */
  async function leadsTo(host: string): Promise<string> {
    const { id } = await stage.webhooks.register('https://8.8.8.8/', ['order.paid']);
    const sql = {
      name: 'test-rebind',
      text: 'UPDATE webhook_endpoints SET url = $2 WHERE id = $1',
    };
    await stage.service.db.query(sql, [id, `http://${host}:${stage.receiver.port}/`]);
    return id;
  }

  it.each([
    ['a name', 'localhost', expect.stringContaining('localhost') as string],
    ['an address', '127.0.0.1', '127.0.0.1 is not a public address'],
    ['a number', '2130706433', '127.0.0.1 is not a public address'],
    ['a mapped address', '[::ffff:127.0.0.1]', '::ffff:7f00:1 is not a public address'],
  ])('is not connected to, though it is %s', async (_, host, lastError) => {
    const id = await leadsTo(host);
    await stage.paid();
    await eventually(async () =>
      expect(await stage.webhooks.deliveries(id)).toMatchObject([
        { status: 'pending', lastStatus: null, lastError },
      ]),
    );
    expect(stage.receiver.connections).toBe(0);
    await stage.webhooks.remove(id);
  });
});

describe('where webhooks may go to private addresses, one', () => {
  let stage: WebhookStage;

  beforeAll(async () => {
    stage = await WebhookStage.open();
  });
  afterAll(async () => stage?.close());

  it('goes to a name of this machine', async () => {
    const { secret } = await stage.webhooks.register(
      `http://localhost:${stage.receiver.port}/here`,
    );
    await stage.paid();
    const [post] = await stage.posts('/here', 1);
    expect(post && verified(post, secret).type).toBe('order.paid');
  });
});
