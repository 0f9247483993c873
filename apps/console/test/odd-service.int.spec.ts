import { EventReader, eventually } from '@tradepost/test-kit';
import type { System } from '../src/api/live';
import { answerJson, AskedService, runConsole, type TestConsole } from './run-console';

describe('a console whose service is of another version', () => {
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    service = await AskedService.start((_request, response) => answerJson(response, { items: [] }));
    console = await runConsole({ SERVICES: `orders=${service.url}`, CONSOLE_OPEN: 'true' });
  });
  afterAll(async () => {
    await console?.stop();
    await service?.stop();
  });

  it('shows the others, and says what is wrong with that one', async () => {
    const page = await EventReader.open(`${console.url}/api/live`);
    try {
      await eventually(() => {
        const { data } = page.events.findLast(({ event }) => event === 'system') ?? {};
        const orders = (data as System).services.find(({ name }) => name === 'orders');
        expect(JSON.stringify(orders)).toContain('its report is of another version');
      });
    } finally {
      page.leave();
    }
  });
});
