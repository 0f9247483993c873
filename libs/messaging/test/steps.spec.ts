import { randomBytes } from 'node:crypto';
import { eventually } from '@tradepost/test-kit';
import { Steps, type StepsSeen } from '@tradepost/messaging';

const traceparentOf = (traceId: string) => `00-${traceId}-${'cd'.repeat(8)}-01`;
const random = () => randomBytes(16).toString('hex');

function told(steps: Steps, traceIds: string[], body?: unknown): Promise<StepsSeen> {
  const all: StepsSeen = { steps: [], share: 1 };
  const end = steps.watch(({ steps: some, share }) => {
    all.steps.push(...some);
    all.share = share;
  });
  for (const one of traceIds) {
    steps.tell(traceparentOf(one), (traceId) => ({
      ...{ traceId, kind: 'handled', at: 0, tookMs: 1, outcome: 'ok', body },
    }));
  }
  const isTold = () => expect(all.steps).not.toHaveLength(0);
  return eventually(isTold)
    .then(() => all)
    .finally(end);
}

const idsOf = ({ steps }: StepsSeen) => steps.map(({ traceId }) => traceId);

describe('the steps that are told', () => {
  it('are all of them where they are few', async () => {
    const traceIds = Array.from({ length: 50 }, random);
    const seen = await told(new Steps('shop'), traceIds);
    expect(idsOf(seen)).toEqual(traceIds);
    expect(seen.share).toBe(1);
    expect(seen.steps[0]).toMatchObject({
      service: 'shop',
      instance: expect.stringMatching(/:\d+$/),
    });
    expect(new Set(seen.steps.map(({ id }) => id)).size).toBe(50);
  });

  it('are a part of the flows where they are many, and the share says so', async () => {
    const traceIds = Array.from({ length: 20_000 }, random);
    const seen = await told(new Steps('shop'), traceIds);
    expect(seen.steps.length).toBeLessThan(2_000);
    expect(seen.steps.length).toBeGreaterThan(200);
    expect(seen.share).toBeLessThan(0.1);
  });

  it('are those of the same flows in every service, and always those of a chosen one', async () => {
    const chosen = `${'ab'.repeat(8)}ffffffffffffffff`;
    const traceIds = [...Array.from({ length: 20_000 }, random), chosen];
    const one = new Set(idsOf(await told(new Steps('one'), traceIds)));
    const other = idsOf(await told(new Steps('other'), [...traceIds].reverse()));
    expect(one.has(chosen)).toBe(true);
    expect(other).toContain(chosen);
    // Told to the end by the one, begun anew by the other: what is kept is kept by both.
    const kept = [...one].filter((id) => id.slice(-8) >= 'ff800000');
    expect(other).toEqual(expect.arrayContaining(kept));
    expect(kept.length).toBeGreaterThan(1);
  });

  it('are none of a flow that has no trace, or while nobody watches', async () => {
    const steps = new Steps('shop');
    const never = jest.fn();
    steps.tell(undefined, never);
    steps.tell('nonsense', never);
    steps.tell(traceparentOf(random()), never);
    expect(never).not.toHaveBeenCalled();
    expect(steps.isWatched).toBe(false);
    const end = steps.watch(never);
    expect(steps.isWatched).toBe(true);
    end();
    expect(steps.isWatched).toBe(false);
    await Promise.resolve();
  });

  it('have a body whose secrets are masked, and none that is long or no JSON', async () => {
    const bodyOf = async (body: unknown) =>
      (await told(new Steps('shop'), [random()], body)).steps[0];
    const secret = { orderId: 'o', paymentToken: 'tok_1', deep: [{ cardNumber: '4242' }] };
    expect(await bodyOf(secret)).toMatchObject({
      body: { orderId: 'o', paymentToken: '•••', deep: [{ cardNumber: '•••' }] },
    });
    expect(await bodyOf({ text: 'x'.repeat(5_000) })).not.toHaveProperty('body');
    expect(await bodyOf({ value: 1n })).not.toHaveProperty('body');
  });
});
