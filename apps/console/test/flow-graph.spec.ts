import type { DeclaredMessaging } from '@tradepost/messaging';
import { graphOf, type SeenSending } from '../src/flow/graph';
import { layOut } from '../src/flow/lay-out';

const orders: DeclaredMessaging = {
  service: 'orders',
  mode: 'simple',
  handlers: [
    {
      name: 'PaymentCapturedFanout.handle',
      pattern: 'fanout',
      contract: 'PaymentCaptured',
      queue: 'orders.payment-captured',
      bindings: [{ exchange: 'payment-captured', type: 'fanout', key: '' }],
      retry: ['1s'],
    },
  ],
  sends: [{ contract: 'ChargePayment', pattern: 'work', queue: 'payments.charge-payment' }],
  topology: {
    exchanges: [
      { name: 'payment-captured', type: 'fanout' },
      { name: 'retry.1s', type: 'fanout' },
    ],
    queues: [
      { name: 'orders.payment-captured', args: {} },
      { name: 'orders.payment-captured.dead', args: {} },
      { name: 'retry.1s', args: {} },
    ],
    bindings: [],
  },
};

const names = ['orders', 'payments'];
const seen = (more: Partial<SeenSending>): SeenSending => {
  return { service: 'orders', exchange: '', queue: '', ...more };
};
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);

describe('the flow', () => {
  it('goes from services over exchanges and queues to handlers, as it is declared', () => {
    const { nodes, edges } = graphOf(names, [orders], undefined, []);
    expect(idsOf(nodes)).toEqual([
      'service:orders',
      'http:orders',
      'service:payments',
      'queue:orders.payment-captured',
      'handler:orders.payment-captured',
      'exchange:payment-captured',
      'queue:payments.charge-payment',
    ]);
    expect(idsOf(edges)).toEqual([
      'http:orders>service:orders',
      'queue:orders.payment-captured>handler:orders.payment-captured',
      'exchange:payment-captured>queue:orders.payment-captured',
      'service:orders>queue:payments.charge-payment',
    ]);
    expect(nodes.every(({ declared }) => declared)).toBe(true);
  });

  it('shows a queue of the broker that nobody declares, and not what stands behind the others', () => {
    const queues = [
      ...[
        'left-over',
        `orders.reply.${'0'.repeat(36)}`,
        'orders.payment-captured',
        'orders.payment-captured.dead',
        'retry.1s',
      ],
      ...['orders.payment-captured.moving', 'amq.gen-1', 'dead-letters.audit'],
    ];
    const { nodes } = graphOf(names, [orders], queues, []);
    const undeclared = nodes.filter(({ declared }) => !declared);
    expect(idsOf(undeclared)).toEqual(['queue:left-over']);
  });

  it('calls nothing undeclared while no service has said what it declares', () => {
    const { nodes } = graphOf(names, [], ['orders.payment-captured'], []);
    expect(nodes.every(({ declared }) => declared)).toBe(true);
  });

  it('shows what was sent and is not declared, and keeps what is', () => {
    const sendings = [
      seen({ queue: 'payments.charge-payment', contract: 'ChargePayment' }),
      seen({ exchange: 'rumours', contract: 'Rumour' }),
      seen({ exchange: 'retry.1s' }),
    ];
    const { edges } = graphOf(names, [orders], undefined, sendings);
    const fromOrders = edges.filter(({ from }) => from === 'service:orders');
    expect(fromOrders.map(({ id, declared }) => [id, declared])).toEqual([
      ['service:orders>queue:payments.charge-payment', true],
      ['service:orders>exchange:rumours', false],
    ]);
  });

  it('is laid out in layers, each edge with its whole way, the same each time', async () => {
    const graph = graphOf(names, [orders], ['left-over'], []);
    const flow = await layOut(graph);
    const x = (id: string) => flow.nodes.find((node) => node.id === id)?.x ?? NaN;
    const [service, exchange, queue, handler] = [
      x('service:orders'),
      x('exchange:payment-captured'),
      x('queue:orders.payment-captured'),
      x('handler:orders.payment-captured'),
    ];
    expect([service, exchange, queue, handler]).toEqual(
      [service, exchange, queue, handler].sort((a, b) => a - b),
    );
    for (const { points } of flow.edges) {
      expect(points.length).toBeGreaterThan(1);
      for (const [index, { x: px, y: py }] of points.slice(1).entries()) {
        const before = points[index];
        expect(before?.x === px || before?.y === py).toBe(true);
      }
    }
    expect(await layOut(graph)).toEqual(flow);
  });
});
