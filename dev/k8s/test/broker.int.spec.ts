import { desiredTopology, planTopology, wiringsOfServices } from '@tradepost/messaging';
import { TestBroker } from '@tradepost/messaging/testing';
import { environment } from '@tradepost/test-kit';
import { shop } from '../../../ops/shop/messaging';
import { bindingsOf, exchangesOf, queuesOf } from '../broker-resources';
import { brokerReplicas } from '../names';

describe('what the Messaging Topology operator makes of deploy/k8s', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.create();
  });

  afterAll(() => broker.close());

  it('is what `topology plan` wants of the broker', async () => {
    const topology = desiredTopology(
      await wiringsOfServices(shop),
      await shop.contracts(),
      'strict',
      brokerReplicas,
    );

    for (const { spec } of exchangesOf(topology)) {
      const { type, durable, arguments: args = {} } = spec;
      const path = `exchanges/VHOST/${encodeURIComponent(spec.name)}`;
      await call('PUT', path, { type, durable, arguments: args });
    }
    for (const { spec } of queuesOf(topology)) {
      // It gives the type as an argument.
      const args = { ...spec.arguments, 'x-queue-type': spec.type };
      const body = { durable: spec.durable, arguments: args };
      await call('PUT', `queues/VHOST/${encodeURIComponent(spec.name)}`, body);
    }
    for (const { spec } of bindingsOf(topology)) {
      const ends = [spec.source, spec.destination].map(encodeURIComponent);
      const path = `bindings/VHOST/e/${ends[0]}/${spec.destinationType[0]}/${ends[1]}`;
      await call('POST', path, { routing_key: spec.routingKey, arguments: spec.arguments ?? {} });
    }

    const { managementUrl } = environment();
    const plan = await planTopology(topology, { amqpUrl: broker.amqpUrl, managementUrl });
    expect(plan).toEqual({ differences: [], unchecked: [] });
  });

  async function call(method: string, path: string, body: object): Promise<void> {
    const url = new URL(environment().managementUrl);
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    const vhost = new URL(broker.amqpUrl).pathname.slice(1);
    const { ok, status } = await fetch(`${url.origin}/api/${path.replace('VHOST', vhost)}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    expect([path, ok, status]).toEqual([path, true, status]);
  }
});
