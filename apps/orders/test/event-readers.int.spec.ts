import { EventReader, eventually, testService, type TestService } from '@tradepost/test-kit';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { OrderStreams } from '../src/event-stream/order-streams';
import { OrdersModule } from '../src/orders.module';
import { OrdersApi } from './orders-api';

const readersAtOnce = 200;

describe('readers of events that do not stay', () => {
  let service: TestService;
  let url: string;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    const { id } = await new OrdersApi(service.url).place();
    url = `${service.url}/v1/orders/${id}/events`;
  });
  afterAll(async () => service?.stop());

  const count = () => service.app.get(OrderStreams).count;

  it('leave no stream behind, however many there are', async () => {
    const readers = await Promise.all(
      Array.from({ length: readersAtOnce }, async () => EventReader.open(url)),
    );
    expect(count()).toBe(readersAtOnce);
    await eventually(() => {
      for (const { events } of readers) expect(events.length).toBeGreaterThan(0);
    });
    for (const reader of readers) reader.leave();
    await eventually(() => expect(count()).toBe(0));
  });

  it('leave none behind when they are gone before the answer begins', async () => {
    const asked = Array.from({ length: readersAtOnce }, () => {
      const one = request(url, { agent: false, headers: { accept: 'text/event-stream' } });
      one.on('error', () => undefined).end();
      return one;
    });
    await Promise.all(asked.map((one) => once(one, 'finish')));
    for (const one of asked) one.destroy();
    // One that came after all of them, so that they have been handled.
    const last = await EventReader.open(url);
    last.leave();
    await eventually(() => expect(count()).toBe(0));
  });

  it('have the headers for HEAD, and no stream', async () => {
    for (let i = 0; i < 20; i += 1) {
      const options = { method: 'HEAD', headers: { accept: 'text/event-stream' } };
      const asked = request(url, options).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      answer.resume();
      await once(answer, 'end');
    }
    await eventually(() => expect(count()).toBe(0));
  });
});
