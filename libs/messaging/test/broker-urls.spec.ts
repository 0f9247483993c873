import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerEndpoints, refuseSecrets } from '../src/commands/settings';
import { BrokerApi } from '../src/topology/broker-api';

const amqpUrl = 'amqp://rabbit_mq:secret@rabbit_mq';
const variables = ['AMQP_URL', 'AMQP_URL_FILE', 'AMQP_MANAGEMENT_URL'];

describe('the URLs of a broker', () => {
  let server: Server;
  let asked: IncomingMessage | undefined;
  let folder: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked = request;
      response.end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'broker-urls-'));
    for (const name of variables) delete process.env[name];
  });
  afterEach(async () => {
    for (const name of variables) delete process.env[name];
    await rm(folder, { recursive: true });
  });

  it('mean what they mean to amqplib: a % that begins no code is itself', async () => {
    const { port } = server.address() as AddressInfo;
    const api = new BrokerApi(`http://us%65r:100%@127.0.0.1:${port}`, 'amqp://rabbit_mq/100%');
    await api.connectionsMax();
    expect(asked?.headers.authorization).toBe(`Basic ${btoa('user:100%')}`);
    expect(asked?.url).toBe('/api/vhost-limits/100%25');
  });

  it('are named when they are none, and not repeated', async () => {
    process.env.AMQP_URL = 'se:cret';
    await expect(brokerEndpoints({})).rejects.toThrow(
      /^AMQP_URL must be a URL: amqp:\/\/user:password@host:5672$/,
    );
    process.env.AMQP_URL = amqpUrl;
    for (const none of ['secret', 'http://user:secret@a:15672,b:15672']) {
      process.env.AMQP_MANAGEMENT_URL = none;
      await expect(brokerEndpoints({})).rejects.toThrow(
        /^AMQP_MANAGEMENT_URL must be a URL: http:\/\/user:password@host:15672$/,
      );
    }
    process.env.AMQP_MANAGEMENT_URL = '';
    expect(await brokerEndpoints({})).toEqual({ amqpUrl });
  });

  it('may name the nodes of a cluster', async () => {
    const cluster = 'amqp://user:secret@a:5672,b:5672/shop';
    process.env.AMQP_URL = cluster;
    expect(await brokerEndpoints({})).toEqual({ amqpUrl: cluster });
    process.env.AMQP_URL = 'amqp://user:secret@a:5672,b:none/shop';
    await expect(brokerEndpoints({})).rejects.toThrow(/^AMQP_URL must be a URL: amqp:/);
  });

  it('come from files too', async () => {
    const file = join(folder, 'amqp-url');
    await writeFile(file, `${amqpUrl}\n`);
    process.env.AMQP_URL_FILE = file;
    const running = { amqpUrl: 'amqp://another', managementUrl: 'http://another' };
    const broker = () => Promise.resolve(running);
    expect(await brokerEndpoints({ broker })).toEqual({ amqpUrl });
    process.env.AMQP_URL = amqpUrl;
    await expect(brokerEndpoints({ broker })).rejects.toThrow(
      /^AMQP_URL and AMQP_URL_FILE are both set$/,
    );
    delete process.env.AMQP_URL_FILE;
    delete process.env.AMQP_URL;
    expect(await brokerEndpoints({ broker })).toEqual(running);
  });

  it.each([
    ['--amqp-url', 'AMQP_URL'],
    ['--management-url', 'AMQP_MANAGEMENT_URL'],
  ])('are no arguments: %s is refused, and its value not repeated', (option, variable) => {
    for (const given of [[option, amqpUrl], [`${option}=${amqpUrl}`]]) {
      const refused = `${option} would be seen by every user: set ${variable} or ${variable}_FILE`;
      expect(() => refuseSecrets(['list', ...given])).toThrow(new Error(refused));
    }
    expect(() => refuseSecrets(['list', '--queue', 'amqp-url'])).not.toThrow();
  });
});
