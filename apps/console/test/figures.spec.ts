import { ago, bytes, counted, duration, money, perSecond } from '../page/parts/format';
import { codeOf } from '../page/views/orders/code-place';

describe('figures of the page', () => {
  it.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [9.96, '10 ms'],
    [212, '212 ms'],
    [999.7, '1.0 s'],
    [3_140, '3.1 s'],
    [99_000, '99 s'],
    [240_000, '4 min'],
    [7_200_000, '2 h'],
    [260_000_000, '3 d'],
  ])('tells %d ms as %s', (ms, words) => expect(duration(ms)).toBe(words));

  it.each([
    [100, 'now'],
    [4_600, '5 s ago'],
    [59_400, '59 s ago'],
    [180_000, '3 min ago'],
    [-400, 'now'],
    [-60_000, 'in 60 s'],
  ])('tells %d ms past as %s', (ms, words) => expect(ago(1_000_000, 1_000_000 + ms)).toBe(words));

  it.each([
    [1780, 'EUR', '€17.80'],
    [1780, 'JPY', '¥1,780'],
    [1780, 'KWD', 'KWD 1.780'],
  ])('tells %d minor units of %s as %s', (amount, currency, words) =>
    expect(money(amount, currency).replace('\u00a0', ' ')).toBe(words),
  );

  it('tells rates, sizes and counts', () => {
    expect([perSecond(0), perSecond(0.31), perSecond(1_204)]).toEqual(['0/s', '0.3/s', '1,204/s']);
    expect([bytes(48_200_000), bytes(1_400_000_000)]).toEqual(['48 MB', '1.4 GB']);
    expect([counted(1, 'sale'), counted(1_204, 'sale')]).toEqual(['1 sale', '1,204 sales']);
  });
});

describe('where a handler stands', () => {
  it.each([
    ['payments', 'ChargePaymentWork.handle', 'apps/payments/src/charge-payment.work.ts', 'handle'],
    ['users', 'UsersRpc.handle', 'apps/users/src/users.rpc.ts', 'handle'],
    ['log-sink', 'LogsTopic.critical', 'apps/log-sink/src/logs.topic.ts', 'critical'],
  ])('of %s, %s is in %s', (service, handler, file, method) =>
    expect(codeOf(service, handler)).toEqual({ file, method }),
  );
});
