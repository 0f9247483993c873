import { freePorts } from '../local/ports';

describe('the choice of free ports', () => {
  it('chooses none twice, however many choose at once', async () => {
    const asked = Array.from({ length: 300 }, () => freePorts([undefined, undefined]));
    const ports = (await Promise.all(asked)).flat();
    expect(new Set(ports).size).toBe(ports.length);
  });
});
