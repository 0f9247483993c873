import type { Hop } from '../src/api/journey';
import { layOut } from '../page/views/orders/journey-layout';

const base = { traceId: 't', instance: 'a:1', source: 'seen', outcome: 'ok', tookMs: 2 } as const;
let ids = 0;
const hop = (more: Partial<Hop> & Pick<Hop, 'kind' | 'service' | 'at'>): Hop => ({
  ...base,
  id: `h${ids++}`,
  ...more,
});
const sent = (service: string, at: number, messageId: string) =>
  hop({ kind: 'sent', service, at, messageId, pattern: 'fanout' });
const handled = (service: string, at: number, more: Partial<Hop> = {}) =>
  hop({ kind: 'handled', service, at, pattern: 'fanout', queue: `${service}.q`, ...more });

describe('the layout of a journey', () => {
  it('gives each service a lane, the usual ones in their usual places', () => {
    const hops = [handled('shipping', 1), handled('payments', 2), handled('orders', 3)];

    const { lanes } = layOut(hops, 900);

    expect(lanes.map(({ service }) => service)).toEqual(['orders', 'payments', 'shipping']);
    expect(lanes.every(({ x, width }, i) => x + width <= (lanes[i + 1]?.x ?? 900))).toBe(true);
  });

  it('lets time run downward in every lane', () => {
    const hops = [0, 0.4, 1, 5, 6_000, 6_001].map((at, i) =>
      handled(i % 2 ? 'users' : 'orders', at),
    );

    const { chips } = layOut(hops, 900);

    const heights = hops.map(({ id }) => chips.find((chip) => chip.hop.id === id)?.y ?? NaN);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  });

  it('lays no chip on another one of its lane, however many began at once', () => {
    const hops = Array.from({ length: 12 }, (_, i) => handled('orders', i < 6 ? 10 : 10 + i / 10));

    const { chips } = layOut(hops, 400);

    const ordered = [...chips].sort((a, b) => a.y - b.y);
    const gaps = ordered.slice(1).map((chip, i) => chip.y - (ordered[i]?.y ?? 0) - chip.height);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
  });

  it('shows 5 ms and 5 s at once: a long wait is shortened, and told', () => {
    const quick = layOut([handled('orders', 0), handled('users', 7)], 900);
    const slow = layOut([handled('orders', 0), handled('users', 5_002)], 900);

    expect(quick.gaps).toEqual([]);
    expect(slow.gaps.map(({ ms }) => ms)).toEqual([5_000]);
    expect(slow.height - quick.height).toBeGreaterThan(10);
    expect(slow.height - quick.height).toBeLessThan(100);
  });

  it('joins a message to each of its handlers', () => {
    const message = { messageId: 'm1' };
    const hops = [
      sent('orders', 0, 'm1'),
      handled('financial', 3, message),
      handled('payments', 4, message),
    ];

    const { lines, lanes } = layOut(hops, 900);

    expect(lines.map(({ kind, hop: { service } }) => [kind, service])).toEqual([
      ['message', 'financial'],
      ['message', 'payments'],
    ]);
    const [orders] = lanes;
    expect(lines.every(({ from }) => from.x <= (orders?.x ?? 0) + (orders?.width ?? 0))).toBe(true);
  });

  it('joins a try to the one before it, with its tier, and not to the sender again', () => {
    const message = { messageId: 'm1', tookMs: 1 };
    const hops = [
      sent('orders', 0, 'm1'),
      handled('payments', 3, { ...message, attempt: 1, outcome: 'retried', retryTier: '1s' }),
      handled('payments', 1_004, { ...message, attempt: 2 }),
    ];

    const { lines } = layOut(hops, 900);

    expect(lines.map(({ kind, label }) => [kind, label])).toEqual([
      ['message', undefined],
      ['retry', '1s'],
    ]);
  });

  it('draws what was waited from when the message was sent, and nothing over what was worked', () => {
    const message = { messageId: 'm1', waitedMs: 9 };
    const hops = [
      sent('orders', 1, 'm1'),
      handled('payments', 0, { tookMs: 5 }),
      handled('payments', 10, message),
    ];

    const { chips } = layOut(hops, 900);

    const [first, second] = chips;
    expect(second?.waitedFromY).toBeLessThan(second?.y ?? 0);
    expect(second?.waitedFromY).toBeGreaterThanOrEqual(first?.workedToY ?? Infinity);
  });

  it('joins records as they say, and draws since when each message was on its way', () => {
    const record = { source: 'recorded', tookMs: 0 } as const;
    const what = 'it was sent';
    const cause = hop({ kind: 'sent', service: 'orders', at: 0, ...record });
    const first = { attempt: 1, outcome: 'retried', retryTier: '1s', cause: cause.id } as const;
    const failed = handled('payments', 30, { ...record, ...first, since: { ms: 30, what } });
    const again = { attempt: 2, cause: failed.id, since: { ms: 1_010, what } };
    const hops = [cause, failed, handled('payments', 1_040, { ...record, ...again })];

    const { chips, lines } = layOut(hops, 900);

    expect(lines.map(({ kind, label }) => [kind, label])).toEqual([
      ['message', undefined],
      ['retry', '1s'],
    ]);
    const [before, after] = chips;
    expect(before?.waitedFromY).toBe(lines[0]?.from.y);
    expect(after?.waitedFromY).toBeLessThan((before?.y ?? 0) + (before?.height ?? 0));
    expect(after?.waitedFromY).toBeGreaterThan(before?.y ?? Infinity);
  });

  it('has nothing to draw before anything was seen', () => {
    expect(layOut([], 900)).toMatchObject({ lanes: [], chips: [], lines: [], width: 900 });
  });
});
