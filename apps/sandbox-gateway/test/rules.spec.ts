import { behaviourFor } from '../src/charges/rules';

describe('the sandbox gateway', () => {
  it.each([
    ['tok_approve', 1_002, 'approve'],
    ['tok_decline', 1_000, 'decline'],
    ['tok_timeout_once', 1_000, 'timeout_once'],
    ['tok_timeout', 1_000, 'timeout'],
    ['tok_of_somebody', 1_002, 'approve'],
    [null, 1_000, 'approve'],
    [null, 1_002, 'decline'],
    [null, 1_003, 'timeout_once'],
    [null, 4, 'timeout'],
    [null, 0, 'approve'],
    [null, 200, 'approve'],
  ])('given token %s and amount %d decides to %s', (paymentToken, amount, behaviour) => {
    expect(behaviourFor({ paymentToken, amount })).toBe(behaviour);
  });
});
