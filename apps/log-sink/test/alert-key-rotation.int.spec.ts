import { LogEntries } from '@tradepost/contracts';
import { eventually, testService, type TestService, WebhookReceiver } from '@tradepost/test-kit';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { LogSinkModule } from '../src/log-sink.module';

const [old, fresh] = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`) as [
  string,
  string,
];

describe("the key of alerts' webhook", () => {
  const folder = mkdtempSync(join(tmpdir(), 'alert-key-'));
  const file = join(folder, 'key');
  let receiver: WebhookReceiver;
  let service: TestService;

  beforeAll(async () => {
    write(old);
    receiver = await WebhookReceiver.start();
    service = await testService(LogSinkModule, {
      ALERT_WEBHOOK_URL: receiver.url('/alerts'),
      ALERT_WEBHOOK_SECRET_FILE: file,
    });
  });
  afterAll(async () => {
    await service?.stop();
    await receiver?.stop();
    rmSync(folder, { recursive: true });
  });

  /** At once, as an orchestrator does it. */
  function write(keys: string): void {
    writeFileSync(`${file}.new`, `${keys}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** @returns with which keys a receiver finds an alert of this service good */
  async function told(name: string): Promise<string[]> {
    const line = { level: 'critical', message: 'fire', time: new Date().toISOString() } as const;
    const entries = [{ ...line, service: name }];
    await service.broker.publish(LogEntries, { entries }, { key: 'log.critical' });
    const post = await eventually(() => {
      const found = receiver.posts.find(({ body }) => body.includes(`"service":"${name}"`));
      if (!found) throw new Error(`nothing of ${name}`);
      return found;
    });
    const { body, headers } = post;
    return [old, fresh].filter((key) => {
      try {
        return Boolean(new Webhook(key).verify(body, headers as Record<string, string>));
      } catch {
        return false;
      }
    });
  }

  it('is replaced by its file, and the receiver finds each alert good by one of two', async () => {
    expect(await told('first')).toEqual([old]);
    write(`${fresh} ${old}`);
    expect(await told('second')).toEqual([old, fresh]);
    write(fresh);
    expect(await told('third')).toEqual([fresh]);
  });
});
