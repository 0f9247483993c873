import { testService, type TestService } from '@tradepost/test-kit';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signatureBy } from '@tradepost/service';
import { PaymentsModule } from '../src/payments.module';
import { ProviderStandIn } from './provider-stand-in';

const [old, fresh] = [24, 32].map((bytes) => `whsec_${randomBytes(bytes).toString('base64')}`) as [
  string,
  string,
];

describe("the key of the gateway's callbacks", () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-key-'));
  const file = join(folder, 'key');
  let provider: ProviderStandIn;
  let service: TestService;

  beforeAll(async () => {
    write(old);
    provider = await ProviderStandIn.open();
    service = await testService(PaymentsModule, {
      GATEWAY_URL: provider.url,
      GATEWAY_CALLBACK_SECRET_FILE: file,
      WORKER_ID: 'worker-1',
    });
  });

  afterAll(async () => {
    await service?.stop();
    await provider?.close();
    rmSync(folder, { recursive: true });
  });

  /** At once, as an orchestrator does it. */
  function write(keys: string): void {
    writeFileSync(`${file}.new`, `${keys}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** @returns the status of a callback that these keys signed */
  async function tell(...keys: string[]): Promise<number> {
    const [id, at] = [randomUUID(), new Date()];
    const body = JSON.stringify({ type: 'charge.unheard-of', data: {} });
    const response = await fetch(`${service.url}/v1/gateway-callbacks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signatureBy(keys, id, at, body),
      },
      body,
    });
    const answer = await response.text();
    for (const key of [old, fresh]) expect(answer).not.toContain(key.slice('whsec_'.length));
    return response.status;
  }

  it('is replaced by its file while callbacks come, and none of the gateway is refused', async () => {
    const accepted = await tell(old);
    expect(accepted).toBeLessThan(300);
    expect(await tell(fresh)).toBe(401);

    write(`${fresh} ${old}`);
    expect(await tell(old)).toBe(accepted);
    expect(await tell(fresh)).toBe(accepted);
    expect(await tell(old, fresh)).toBe(accepted);

    write(fresh);
    expect(await tell(fresh)).toBe(accepted);
    expect(await tell(old, fresh)).toBe(accepted);
    expect(await tell(old)).toBe(401);
  });
});
