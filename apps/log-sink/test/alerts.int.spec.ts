import { LogEntries, type LogEntry } from '@tradepost/contracts';
import { eventually, testService, type TestService, WebhookReceiver } from '@tradepost/test-kit';
import { Webhook } from 'standardwebhooks';
import { v7 } from 'uuid';
import type { Alert } from '../src/alerts/alerts.store';
import { LogSinkModule } from '../src/log-sink.module';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** Of one window of five minutes. */
const time = new Date(Math.floor(Date.now() / 300_000) * 300_000).toISOString();

describe('alerts', () => {
  let receiver: WebhookReceiver;
  let service: TestService;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    service = await testService(LogSinkModule, {
      ALERT_WEBHOOK_URL: receiver.url('/alerts'),
      ALERT_WEBHOOK_SECRET: secret,
      ALERT_WEBHOOK_TIMEOUT_MS: '2000',
    });
  });
  afterAll(async () => {
    await service?.stop();
    await receiver?.stop();
  });

  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${service.url}/v1/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: body && { 'content-type': 'application/json' },
    });
    const text = await response.text();
    return { status: response.status, body: (text && JSON.parse(text)) as unknown };
  };
  const alertsOf = async (name: string, query = ''): Promise<Alert[]> => {
    const { body } = await call('GET', `alerts?limit=100${query}`);
    return (body as { items: Alert[] }).items.filter((alert) => alert.service === name);
  };
  const tell = async (level: 'warning' | 'critical', lines: Partial<LogEntry>[], id = v7()) => {
    const entries = lines.map((line) => ({ level, service: 'shop', message: 'x', time, ...line }));
    await service.broker.publish(LogEntries, { entries }, { key: `log.${level}`, messageId: id });
  };
  const postsOf = (name: string) =>
    receiver.posts.filter(({ body }) => body.includes(`"service":"${name}"`));

  it('are one for each kind and window, with a count, whatever comes twice', async () => {
    const lines = Array.from({ length: 7 }, () => ({ service: 'kinds', message: 'slow' }));
    const id = v7();
    await tell('warning', [...lines, { service: 'kinds', message: 'other' }], id);
    await tell('warning', [...lines, { service: 'kinds', message: 'other' }], id);
    const data = { orderId: '7' };
    await tell('critical', [{ service: 'kinds', message: 'fire', data }]);
    await eventually(async () => expect(await alertsOf('kinds')).toHaveLength(1));
    await tell('warning', [
      ...lines,
      { service: 'kinds', message: 'slow', time: '2026-01-01T00:00:00Z' },
    ]);
    await tell('critical', [{ service: 'kinds', message: 'fire' }]);

    const [slow, fire] = await eventually(async () => {
      const all = await alertsOf('kinds');
      const found = ['slow', 'fire'].map((text) => all.find(({ message }) => message === text));
      expect(found.map((alert) => alert?.count)).toEqual([14, 2]);
      expect(all).toHaveLength(2);
      return found;
    });
    expect(slow).toMatchObject({
      ...{ level: 'warning', rule: 'ten warnings of a kind', threshold: 10, windowSeconds: 300 },
      ...{ time, lastTime: time, acknowledged: null },
    });
    expect(fire).toMatchObject({ level: 'critical', rule: 'any critical line', data });
  });

  it('are told to the webhook, signed, once each', async () => {
    await tell('critical', [{ service: 'told' }, { service: 'told' }]);
    await eventually(() => expect(postsOf('told')).toHaveLength(1));
    const [post] = postsOf('told');
    const sent = new Webhook(secret).verify(
      post?.body ?? '',
      post?.headers as Record<string, string>,
    );
    const [alert] = await eventually(async () => {
      const found = await alertsOf('told');
      expect(found[0]?.notification).toBe('delivered');
      return found;
    });
    const { notification: _, ...data } = alert as Alert;
    expect(sent).toEqual({ type: 'alert.raised', timestamp: data.raisedAt, data });
    expect(post?.headers['webhook-id']).toBe(`msg_${data.id.replaceAll('-', '')}`);
    await tell('critical', [{ service: 'told' }]);
    await eventually(async () => expect((await alertsOf('told'))[0]?.count).toBe(3));
    expect(postsOf('told')).toHaveLength(1);
  });

  it('are told again while the webhook fails; lines are stored and counted meanwhile', async () => {
    receiver.answers.set('/alerts', { status: 503 });
    await tell('critical', [{ service: 'failing' }]);
    await eventually(() => expect(postsOf('failing').length).toBeGreaterThan(0));
    receiver.answers.set('/alerts', 'silence');
    await tell('critical', [{ service: 'failing' }]);
    await eventually(async () => {
      const [alert] = await alertsOf('failing');
      expect(alert).toMatchObject({ count: 2, notification: 'pending' });
    });
    receiver.answers.delete('/alerts');
    await eventually(
      async () => expect((await alertsOf('failing'))[0]?.notification).toBe('delivered'),
      { withinMs: 20_000 },
    );
    const ids = new Set(postsOf('failing').map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
  });

  it('of one rule are told in their order, though the first is told at the second try', async () => {
    receiver.answers.set('/alerts', { status: 503 });
    await tell('critical', [{ service: 'orderly', message: 'first' }]);
    await eventually(() => expect(postsOf('orderly')).toHaveLength(1));
    await tell('critical', [{ service: 'orderly', message: 'second' }]);
    await eventually(async () => expect(await alertsOf('orderly')).toHaveLength(2));
    receiver.answers.delete('/alerts');
    await eventually(
      () => {
        const told = postsOf('orderly').map(({ body }) => /"message":"(\w+)"/.exec(body)?.[1]);
        expect(told).toEqual([...told.slice(0, -1).map(() => 'first'), 'second']);
        expect(told.length).toBeGreaterThan(2);
      },
      { withinMs: 20_000 },
    );
  });

  it('are acknowledged by the first who does', async () => {
    await tell('critical', [{ service: 'seen' }]);
    const [alert] = await eventually(async () => {
      const found = await alertsOf('seen', '&acknowledged=false');
      expect(found).toMatchObject([{ notification: 'delivered' }]);
      return found;
    });
    const path = `alerts/${alert?.id}/acknowledge`;
    const first = await call('POST', path, { by: 'Ada', note: 'restarted it' });
    expect(first).toMatchObject({
      status: 200,
      body: { id: alert?.id, acknowledged: { by: 'Ada', note: 'restarted it' } },
    });
    const second = await call('POST', path, { by: 'Bob', note: 'me too' });
    expect(second).toEqual(first);
    expect(await alertsOf('seen', '&acknowledged=false')).toEqual([]);
    expect(await alertsOf('seen', '&acknowledged=true')).toEqual([first.body]);
    expect(await alertsOf('seen')).toEqual([first.body]);
  });

  it.each([
    ['alerts/01980000-0000-7000-8000-000000000009/acknowledge', { by: 'Ada' }, 404],
    ['alerts/7/acknowledge', { by: 'Ada' }, 404],
    ['alerts/7/acknowledge', {}, 400],
    ['alerts/7/acknowledge', { by: '' }, 400],
    ['alerts/7/acknowledge', { by: 'Ada', note: 7 }, 400],
    ['alert-rules', { name: 'x', level: 'error', threshold: 1, windowSeconds: 60 }, 400],
    ['alert-rules', { name: 'x', level: 'warning', threshold: 0, windowSeconds: 60 }, 400],
    ['alert-rules', { name: 'x', level: 'warning', threshold: 1, windowSeconds: 1 }, 400],
    ['alert-rules', { level: 'warning', threshold: 1, windowSeconds: 60 }, 400],
  ])('POST %s %j is refused', async (path, body, status) => {
    expect((await call('POST', path, body)).status).toBe(status);
  });

  it.each(['level=error', 'acknowledged=perhaps', 'cursor=x'])(
    'GET ?%s is refused',
    async (query) => {
      expect((await call('GET', `alerts?${query}`)).status).toBe(400);
    },
  );

  it('are given page by page, each once', async () => {
    const lines = Array.from({ length: 5 }, (_, n) => ({ service: 'pages', message: `fire ${n}` }));
    await tell('critical', lines);
    await eventually(async () => expect(await alertsOf('pages')).toHaveLength(5));
    const all = ((await call('GET', 'alerts?limit=100')).body as { items: Alert[] }).items;
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await call('GET', `alerts?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = body as { items: Alert[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('of too many kinds in a window count as one', async () => {
    const old = '2026-02-02T00:00:00Z';
    const many = Array.from({ length: 250 }, (_, n) => {
      return { service: 'noisy', message: `fire ${n}`, time: old };
    });
    await tell('critical', many);
    await tell('critical', many);
    const text = `SELECT message, count FROM alerts WHERE first_at = $1 AND service = 'various'`;
    await eventually(async () => {
      const others = await service.db.query({ name: 'test-others', text }, [old]);
      expect(others).toEqual([{ message: 'further kinds of lines', count: 100 }]);
    });
    const all = `SELECT count(*) AS count FROM alerts WHERE first_at = $1`;
    expect(await service.db.query({ name: 'test-all', text: all }, [old])).toEqual([
      { count: 201 },
    ]);
  });

  it('follow rules that are added and deleted', async () => {
    const rule = { name: 'two of payments', level: 'warning', service: 'ruled', message: 'odd' };
    const added = await call('POST', 'alert-rules', {
      ...rule,
      threshold: 2,
      windowSeconds: 60,
      notify: false,
    });
    expect(added).toMatchObject({ status: 201, body: { ...rule, notify: false } });
    const again = await call('POST', 'alert-rules', { ...rule, threshold: 5, windowSeconds: 60 });
    expect(again).toMatchObject({
      status: 409,
      body: { type: expect.stringMatching('alert-rule-exists') },
    });
    await tell('warning', [
      ...Array.from({ length: 2 }, () => ({ service: 'ruled', message: 'odd' })),
      ...Array.from({ length: 2 }, () => ({ service: 'ruled', message: 'even' })),
      ...Array.from({ length: 2 }, () => ({ service: 'unruled', message: 'odd' })),
    ]);
    await eventually(async () => {
      expect(await alertsOf('ruled')).toMatchObject([
        { rule: rule.name, message: 'odd', count: 2, notification: null },
      ]);
    });
    expect(await alertsOf('unruled')).toEqual([]);

    const { items } = (await call('GET', 'alert-rules')).body as {
      items: { id: string; name: string }[];
    };
    expect(items.map(({ name }) => name)).toEqual([
      'any critical line',
      'ten warnings of a kind',
      rule.name,
    ]);
    const { id } = added.body as { id: string };
    expect((await call('DELETE', `alert-rules/${id}`)).status).toBe(204);
    expect((await call('DELETE', `alert-rules/${id}`)).status).toBe(404);
    await tell(
      'warning',
      Array.from({ length: 2 }, () => ({ service: 'ruled', message: 'odd' })),
    );
    await tell('critical', [{ service: 'after' }]);
    await eventually(async () => expect(await alertsOf('after')).toHaveLength(1));
    expect(await alertsOf('ruled')).toMatchObject([{ count: 2 }]);
  });
});
