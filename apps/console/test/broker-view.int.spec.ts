import type { ConsoleConfig } from '../src/console.config';
import { BrokerView } from '../src/live/broker-view';
import { AskedService, answerJson } from './run-console';

describe('what the broker says of itself', () => {
  let management: AskedService;

  beforeAll(async () => {
    management = await AskedService.start((_request, response) => answerJson(response, []));
  });
  afterAll(() => management.stop());

  it.each([
    ['of one node', 'amqp://console:password@a:5672/a%20shop', 'a%20shop'],
    ['of a cluster', 'amqp://console:password@a:5672,b:5672,c:5672/shop', 'shop'],
    ['without a path', 'amqp://console:password@a:5672,b:5672,c:5672', '%2F'],
  ])('is asked of the virtual host of a URL %s', async (_what, AMQP_URL, vhost) => {
    const config = { AMQP_URL, AMQP_MANAGEMENT_URL: management.url } as ConsoleConfig;
    await new BrokerView(config).peek('sales', 1);
    expect(management.paths.at(-1)).toBe(`/api/queues/${vhost}/sales/get`);
  });
});
