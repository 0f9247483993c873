import { prefers } from '../src';

describe('a request with Accept', () => {
  const prefersCsv = (accept?: string) => prefers(accept, 'text/csv', 'application/json');

  it.each([
    'text/csv',
    'TEXT/CSV; header=present',
    'text/*',
    'application/json;q=0.5, text/csv;q=0.6',
  ])('%s gets CSV', (accept) => expect(prefersCsv(accept)).toBe(true));

  it.each([
    undefined,
    '*/*',
    'application/json',
    'text/csv, application/json',
    'text/csv;q=0',
    'text/csv;q=0, */*',
    'text/csv;q=0.1, */*;q=0.5',
    'text/csv;q=nonsense',
    'text/html',
    '',
  ])('%s gets JSON', (accept) => expect(prefersCsv(accept)).toBe(false));
});
