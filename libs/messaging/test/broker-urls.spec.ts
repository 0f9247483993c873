import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brokerEndpoints } from '../src/commands/settings';
import { BrokerApi } from '../src/topology/broker-api';

const command = {
  name: 'test',
  services: () => Promise.resolve({}),
  contracts: () => Promise.resolve([]),
};

describe('the URLs of a broker', () => {
  let server: Server;
  let asked: IncomingMessage | undefined;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked = request;
      response.end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  it('mean what they mean to amqplib: a % that begins no code is itself', async () => {
    const { port } = server.address() as AddressInfo;
    const api = new BrokerApi(`http://us%65r:100%@127.0.0.1:${port}`, 'amqp://rabbit_mq/100%');
    await api.connectionsMax();
    expect(asked?.headers.authorization).toBe(`Basic ${btoa('user:100%')}`);
    expect(asked?.url).toBe('/api/vhost-limits/100%25');
  });

  it('are named when they are none, and not repeated', async () => {
    await expect(brokerEndpoints({ amqpUrl: 'se:cret' }, command)).rejects.toThrow(
      /^--amqp-url or AMQP_URL must be a URL: amqp:\/\/user:password@host:5672$/,
    );
    const urls = { amqpUrl: 'amqp://rabbit_mq', managementUrl: 'secret' };
    await expect(brokerEndpoints(urls, command)).rejects.toThrow(
      /^--management-url or AMQP_MANAGEMENT_URL must be a URL: http:\/\/user:password@host:15672$/,
    );
    expect(await brokerEndpoints({ ...urls, managementUrl: undefined }, command)).toMatchObject({
      amqpUrl: urls.amqpUrl,
    });
  });
});
