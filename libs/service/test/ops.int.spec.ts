import { Controller, Injectable, Module, Post } from '@nestjs/common';
import { OnWork, Rejected, type Step } from '@tradepost/messaging';
import { work } from '@tradepost/messaging/contract';
import { EventReader, eventually, testService, type TestService } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { Open, ServiceConfig, ServiceModule } from '../src';

class Polish {
  static readonly route = work('shop.polish');

  @IsString()
  what!: string;
}

class Lace {
  static readonly route = work('shop.lace', { key: 'shoe' });

  @IsString()
  shoe!: string;
}

@Injectable()
class LaceWork {
  @OnWork(Lace, { orderedBy: 'shoe', partitions: 1, onDead: 'stop' })
  async handle(): Promise<void> {
    return Promise.reject(new Rejected('no_lace'));
  }
}

@Injectable()
class PolishWork {
  @OnWork(Polish)
  async handle(): Promise<void> {
    return Promise.resolve();
  }
}

@Controller('v1/shoes')
@Open('this is a test')
class ShoesController {
  @Post()
  add(): object {
    return {};
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig, sends: [Polish] })],
  providers: [PolishWork, LaceWork],
  controllers: [ShoesController],
})
class ShopModule {}

const token = 'a-token-for-operators';
const queue = 'shop.polish';

describe('/ops of a service', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await testService(ShopModule, { OPS_TOKEN: token, LOG_LEVEL: 'critical' });
  });
  afterAll(() => service.stop());

  const call = async (path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it.each(['service', 'topology', 'held', 'steps', 'dead-letters/replays'])(
    '%s wants the token',
    async (path) => {
      const { status } = await call(`/ops/${path}`, undefined, { authorization: 'Bearer another' });
      expect(status).toBe(401);
    },
  );

  it('says how the process is, and what its handlers do', async () => {
    await service.broker.sendToQueue(queue, { what: 'shoes' }, { messageId: 'one' });
    await eventually(async () => {
      expect((await call('/ops/service')).body).toMatchObject({
        name: 'shop',
        instance: expect.stringMatching(/:\d+$/),
        stopping: false,
        node: process.version,
        outboxLagSeconds: 0,
        handlers: expect.arrayContaining([
          expect.objectContaining({ name: 'PolishWork.handle', queue, handled: 1, paused: false }),
        ]),
      });
    });
    const { memory, cpu, startedAt } = (await call('/ops/service')).body;
    expect(memory).toEqual({ rssBytes: expect.any(Number), heapUsedBytes: expect.any(Number) });
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(startedAt).toBeLessThanOrEqual(Date.now());
  });

  it('says what it declares and sends', async () => {
    const { body } = await call('/ops/topology');
    expect(body).toMatchObject({
      service: 'shop',
      handlers: [
        { name: 'PolishWork.handle', pattern: 'work', contract: 'Polish', queue },
        { name: 'LaceWork.handle', queue: 'shop.lace', orderedBy: 'shoe' },
      ],
      sends: [
        { contract: 'Polish', pattern: 'work', queue },
        { contract: 'LogEntries', pattern: 'topic', exchange: 'logs' },
      ],
    });
  });

  it('pauses and resumes a handler, which health tells', async () => {
    expect(await call('/ops/handlers/pause', { queue: 'shop.unknown' })).toMatchObject({
      status: 404,
    });
    expect(await call('/ops/handlers/pause', { queue })).toMatchObject({
      status: 200,
      body: { queue, paused: true },
    });
    expect((await call('/health/ready')).body).toMatchObject({
      status: 'ok',
      warnings: [`${queue}: its handler is paused here`],
    });
    expect((await call('/ops/handlers/resume', { queue })).body).toMatchObject({ paused: false });
    expect((await call('/health/ready')).body).toMatchObject({ warnings: [] });
  });

  it('says which keys wait in the database, and for what', async () => {
    await service.broker.publish(Lace, { shoe: 'boot' }, { messageId: 'no-lace' });
    const boot = { queue: 'shop.lace', key: 'boot', waiting: 1, messageId: 'no-lace' };
    await eventually(async () => {
      const { body } = await call('/ops/held?queue=shop.lace');
      expect(body).toMatchObject({ items: [{ ...boot, state: 'stopped', nextTryAt: null }] });
    });
    expect((await call(`/ops/held?queue=${queue}`)).body).toEqual({ items: [] });
    expect(await call('/ops/held?queue=')).toMatchObject({ status: 400 });
    const warning = 'shop.lace: 1 key stopped at a dead letter';
    const { warnings } = (await call('/health/ready')).body;
    expect(warnings).toEqual(expect.arrayContaining([warning]));
  });

  it('tells steps as server-sent events: requests, and messages that are handled', async () => {
    const traceId = '12'.repeat(16);
    const traceparent = `00-${traceId}-${'34'.repeat(8)}-01`;
    const authorization = `Bearer ${token}`;
    const reader = await EventReader.open(`${service.url}/ops/steps`, { authorization });
    expect(reader.headers['content-type']).toContain('text/event-stream');

    await call('/v1/shoes', { password: 'hidden', size: 42 }, { traceparent });
    const options = { messageId: 'two', headers: { traceparent } };
    await service.broker.sendToQueue(queue, { what: 'boots' }, options);
    const steps = await eventually(() => {
      const all = reader.events.flatMap(({ data }) => (data as { steps: Step[] }).steps);
      expect(all.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['http', 'handled']));
      return all;
    });
    reader.leave();
    await reader.ended;
    expect(steps.find(({ kind }) => kind === 'http')).toMatchObject({
      ...{ traceId, service: 'shop', route: 'POST /v1/shoes', status: 201, outcome: 'ok' },
      body: { password: '•••', size: 42 },
    });
    expect(steps.find(({ kind }) => kind === 'handled')).toMatchObject({
      ...{ traceId, queue, messageId: 'two', outcome: 'ok', body: { what: 'boots' } },
    });
  });
});
