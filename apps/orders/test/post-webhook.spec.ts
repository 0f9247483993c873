import { eventually, type HostileAnswer, hostileAnswers, HostileServer } from '@tradepost/test-kit';
import { OrdersConfig } from '../src/orders.config';
import { PostWebhook } from '../src/webhooks/post-webhook';

const timeoutMs = 500;
const late = `no answer in ${timeoutMs} ms`;

/** The status that an endpoint's answer counts as, or why there is none. */
const outcomes: Record<HostileAnswer, number | RegExp | string> = {
  silence: late,
  'an upgrade': 'bad upgrade',
  'a 101 without an upgrade': /./,
  'hints without end': late,
  '100s without end': 'bad response',
  'a tunnel': 200,
  'headers without end': late,
  'a header that is too large': 'Headers Overflow',
  'a body that drips': 200,
  'a body of chunks that drip': 200,
  'a body that pours': 200,
  'a body that is no gzip': 200,
  garbage: 'does not match the HTTP/1.1 protocol',
  'a reset': 'ECONNRESET',
  'a reset after its headers': 200,
  'a close': 'other side closed',
  'a half-close': 'other side closed',
  'a half-close in its body': 200,
};

describe('a webhook ends in time', () => {
  let server: HostileServer | undefined;

  afterEach(async () => server?.stop());

  async function post(url: string, withinMs = timeoutMs): Promise<number> {
    const config = new OrdersConfig();
    const values = { WEBHOOK_TIMEOUT_MS: withinMs, WEBHOOKS_ALLOW_PRIVATE: true };
    const id = '019a0000-0000-7000-8000-000000000001';
    const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
    return new PostWebhook(Object.assign(config, values)).run({
      id,
      endpointId: id,
      url,
      secret,
      body: '{}',
    });
  }

  /** The connection is gone as well: it would hold the next try's place. */
  async function endsWith(url: string, outcome: number | RegExp | string): Promise<void> {
    const posted = post(url);
    if (typeof outcome === 'number') expect(await posted).toBe(outcome);
    else await expect(posted).rejects.toThrow(outcome);
    await eventually(() => expect(server?.connections).toBe(0));
  }

  it.each(hostileAnswers)('though its endpoint answers with %s', async (answer) => {
    server = await HostileServer.start(answer);
    await endsWith(server.url(), outcomes[answer]);
  });

  it('long before its time though an answer pours, of which it reads no more', async () => {
    server = await HostileServer.start('a body that pours');
    expect(await post(server.url(), 60_000)).toBe(200);
    await eventually(() => expect(server?.connections).toBe(0));
  });

  it('though its endpoint never shakes hands', async () => {
    server = await HostileServer.start('silence');
    await endsWith(server.url('https'), late);
  });
});
