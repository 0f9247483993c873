import { NestFactory } from '@nestjs/core';
import { MessagingHealth, MessagingModule } from '@tradepost/messaging';
import { RabbitMQModule } from '@tradepost/messaging/golevelup';
import { RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { credentials } from 'amqplib';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Cats, cats } from './cats';
import { emit, NestParts } from './stock-nest';

const parts = new NestParts();
let broker: TestBroker;
/** In front of the broker: lets only those in who have the key. No certificates to make. */
let gate: Server;
let url: string;

const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const psk = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;

beforeAll(async () => {
  broker = await TestBroker.create();
  const inner = new URL(broker.amqpUrl);
  gate = createServer({ ...psk, pskCallback: () => key }, (client) => {
    const server = connect(Number(inner.port), inner.hostname);
    for (const end of [client, server]) end.on('error', () => undefined);
    client.pipe(server).pipe(client);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const { port } = gate.address() as AddressInfo;
  url = `amqps://127.0.0.1:${port}${inner.pathname}`;
});
afterEach(() => parts.close());
afterAll(async () => {
  gate.close();
  await broker.close();
});

/** What no URL can say. */
function connectionOptions() {
  const { username, password } = new URL(broker.amqpUrl);
  return {
    ...psk,
    pskCallback: () => ({ psk: key, identity: 'service' }),
    checkServerIdentity: () => undefined,
    credentials: credentials.plain(decodeURIComponent(username), decodeURIComponent(password)),
  };
}

const ok = { ok: true, problems: [] };

it("a service on Nest's transport, and its client", async () => {
  const options = {
    urls: [url],
    queue: 'tls',
    socketOptions: { connectionOptions: connectionOptions() },
  };
  const strategy = new RabbitStrategy(options);
  await parts.listen({ strategy }, Cats);
  await emit(parts.add(new RabbitClient(options)), 'cat-born', { name: 'Tom' });
  await eventually(() => expect(cats.heard).toEqual([['cat-born', { name: 'Tom' }]]));
  expect(await strategy.check()).toMatchObject(ok);
});

it.each([
  [
    "one on golevelup's module",
    () =>
      RabbitMQModule.forRoot({
        uri: url,
        connectionManagerOptions: { connectionOptions: connectionOptions() },
      }),
  ],
  [
    "one on the runtime's own",
    () =>
      MessagingModule.forRoot({
        service: 'tls',
        amqpUrl: url,
        prefetch: 1,
        socketOptions: connectionOptions(),
      }),
  ],
])('%s', async (_, module) => {
  const app = parts.add(await NestFactory.createApplicationContext(module(), { logger: false }));
  const health = app.get(MessagingHealth, { strict: false });
  await eventually(async () => expect(await health.check()).toMatchObject(ok));
});
