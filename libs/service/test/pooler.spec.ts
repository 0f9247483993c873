import { Module } from '@nestjs/common';
import { PoolerInBetween } from '@tradepost/database';
import { openToAll } from '@tradepost/test-kit';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createService, ServerConfig, ServiceModule } from '../src';

@Module({
  imports: [ServiceModule.forRoot({ name: 'till', config: ServerConfig, broker: false })],
})
class TillModule {}

/** What PgBouncer says to a setting that it does not know, before any authentication. */
const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: search_path\0\0';
const refusal = Buffer.concat([Buffer.from('E\0\0\0'), Buffer.from([fields.length + 4])]);

describe('a service whose POSTGRES_URL leads to a pooler', () => {
  let pooler: Server;
  let url: string;

  beforeAll(async () => {
    pooler = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([refusal, Buffer.from(fields)])));
    });
    await new Promise<void>((resolve) => pooler.listen(0, '127.0.0.1', resolve));
    url = `postgres://till:pw@127.0.0.1:${(pooler.address() as AddressInfo).port}/till`;
  });
  afterAll(() => pooler.close());

  const start = async (env: Record<string, string>) => {
    const app = await createService(TillModule, {
      ...openToAll,
      LOG_LEVEL: 'critical',
      POSTGRES_URL: url,
      ...env,
    });
    await app.init().finally(() => app.close());
  };

  it('does not start, and says which setting to make', async () => {
    await expect(start({})).rejects.toThrow(PoolerInBetween);
    await expect(start({})).rejects.toThrow(/set POSTGRES_POOLER=transaction/);
  });

  it('does not start when the setting is not one that is known', async () => {
    await expect(start({ POSTGRES_POOLER: 'session' })).rejects.toThrow(/one of.* transaction/);
  });
});
