import { partitionsOf, slotBindings, slotOf } from '../src/ordered/slots';

describe('the slots of keys', () => {
  // As `python3 -c "import zlib; print(zlib.crc32(b'order-1') % 16)"` has them.
  it.each([
    ['order-1', '15'],
    ['order-2', '5'],
    ['', '0'],
    ['ü–€', '12'],
  ])('of %j is %s', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  it('are spread evenly', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 16_000; n += 1) {
      const slot = slotOf(`order-${n}`);
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it('lead to one partition each', () => {
    const bindings = slotBindings('a.b', 4, 'moved');
    expect(bindings.map(({ key }) => key)).toEqual(Array.from({ length: 16 }, (_, n) => `${n}`));
    expect(new Set(bindings.map(({ queue }) => queue))).toEqual(new Set(partitionsOf('a.b', 4)));
    expect(partitionsOf('a.b', 4)).toEqual(['a.b', 'a.b.1', 'a.b.2', 'a.b.3']);
  });
});
