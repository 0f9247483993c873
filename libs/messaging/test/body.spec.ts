import { SaleBooked } from '@tradepost/contracts';
import { parseBody } from '../src/body';
import { InvalidBody } from '../src/errors';

it.each([
  ['in a field', '{"orderId":', '}'],
  ['in an unknown field', '{"more":', '}'],
])('a body that is nested without end %s is invalid, now and for ever', (_where, before, after) => {
  const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const content = Buffer.from(before + nested + after);

  expect(() => parseBody(SaleBooked, content)).toThrow(InvalidBody);
});
