import { environment, TestBroker } from '@tradepost/test-kit';
import { fuzz } from '../run';

describe('npm run fuzz, a minute of it', () => {
  let broker: TestBroker;
  beforeAll(async () => (broker = await TestBroker.create()));
  afterAll(() => broker.close());

  it('finds nothing', async () => {
    const { findings } = await fuzz({
      options: { requests: 5_000, messages: 30_000, seed: 1 },
      place: { amqpUrl: broker.amqpUrl, postgresUrl: environment().postgresUrl },
      say: () => undefined,
      signal: AbortSignal.timeout(280_000),
    });

    expect(findings).toEqual([]);
  }, 300_000);
});
