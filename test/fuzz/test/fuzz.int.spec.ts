import { environment, TestBroker } from '@tradepost/test-kit';
import { fuzz } from '../run';

describe('npm run fuzz', () => {
  let broker: TestBroker;
  beforeAll(async () => (broker = await TestBroker.create()));
  afterAll(() => broker.close());

  // The short version: `npm run fuzz` has no end of them.
  it('finds nothing among some requests and messages', async () => {
    const run = await fuzz({
      options: { requests: 500, messages: 1_500, seed: 1 },
      place: { amqpUrl: broker.amqpUrl, postgresUrl: environment().postgresUrl },
      say: () => undefined,
      signal: AbortSignal.timeout(110_000),
    });

    expect(run.findings).toEqual([]);
    expect(run.http.requests).toBeGreaterThan(500);
    expect(Object.keys(run.http.statuses)).toEqual(
      expect.arrayContaining(['200', '201', '400', '401', '403', '404']),
    );
    const { good, bad, dead } = run.messages;
    expect(good).toBeGreaterThan(500);
    expect(bad).toBeGreaterThan(300);
    expect(Object.keys(dead)).toEqual(
      expect.arrayContaining(['bad_json', 'invalid_body', 'missing_message_id']),
    );
  }, 120_000);
});
