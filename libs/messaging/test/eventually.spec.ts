import { eventually } from '@tradepost/messaging/testing';

describe('eventually', () => {
  it('gives what the probe returns once it no longer throws', async () => {
    let tries = 0;
    const found = await eventually(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries;
    });
    expect(found).toBe(3);
  });

  it('throws the last failure when time is up', async () => {
    let tries = 0;
    const failing = eventually(
      () => {
        tries += 1;
        throw new Error(`try ${tries}`);
      },
      { withinMs: 60, everyMs: 20 },
    );
    await expect(failing).rejects.toThrow(/^try [2-4]$/);
  });

  it('does not wait for a probe that hangs', async () => {
    const hanging = eventually(() => new Promise<never>(() => undefined), { withinMs: 50 });
    await expect(hanging).rejects.toThrow(/an answer took longer/);
  });
});
