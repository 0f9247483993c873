import type { DeclaredMessaging } from '@tradepost/messaging';
import { EventReader, eventually } from '@tradepost/test-kit';
import { fetch } from 'undici';
import type { System } from '../src/api/live';
import { answerJson, AskedService, runConsole, type TestConsole } from './run-console';

const queue = 'log-sink.notify-alert';
const key = {
  ...{ queue, key: 'rule-1', waiting: 3, messageId: 'dead', state: 'stopped' },
  ...{ heldSince: '2026-11-28T04:00:00.000Z', nextTryAt: null },
};
const handler = { name: 'NotifyAlertWork.handle', pattern: 'work' as const, queue, bindings: [] };
const declared: DeclaredMessaging = {
  service: 'log-sink',
  mode: 'simple',
  handlers: [
    { ...handler, retry: ['1s'], orderedBy: 'ruleId' },
    { ...handler, queue: 'log-sink.other', retry: [] },
  ],
  sends: [],
  topology: { exchanges: [], queues: [{ name: queue, args: {} }], bindings: [] },
};
const answers: Record<string, object> = {
  '/health/ready': {
    status: 'ok',
    checks: {},
    figures: { held: { [queue]: { waiting: 3, keys: 1, stopped: 1, oldestSeconds: 75.3 } } },
  },
  '/ops/topology': declared,
  [`/ops/held?queue=${queue}`]: { items: [key] },
};

describe('a console of a service that holds messages', () => {
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    service = await AskedService.start(({ url = '' }, response) => {
      answerJson(response, answers[url] ?? {}, url in answers ? 200 : 404);
    });
    console = await runConsole({ SERVICES: `log-sink=${service.url}`, CONSOLE_OPEN: 'true' });
  });
  afterAll(async () => {
    await console?.stop();
    await service?.stop();
  });

  it('tells how many of which queue, for how long, and asks for the keys when one looks', async () => {
    const page = await EventReader.open(`${console.url}/api/live`);
    try {
      await eventually(() => {
        const { data } = page.events.findLast(({ event }) => event === 'system') ?? {};
        const held = (data as System).queues.map((one) => [one.name, one.held]);
        expect(held).toEqual([
          [queue, { waiting: 3, keys: 1, stopped: 1, oldestMs: 75_300 }],
          ['log-sink.other', null],
        ]);
      });
    } finally {
      page.leave();
    }
    expect(service.paths).not.toContain(`/ops/held?queue=${queue}`);
    const response = await fetch(`${console.url}/api/held?service=log-sink&queue=${queue}`);
    expect(await response.json()).toEqual({ items: [key] });
    const unknown = await fetch(`${console.url}/api/held?service=none&queue=${queue}`);
    expect(unknown.status).toBe(404);
  });
});
