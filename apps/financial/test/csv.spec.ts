import { csvLine } from '../src/csv';
import { prefersCsv } from '../src/prefers-csv';

describe('a line of CSV', () => {
  it.each([
    [['a', 1, null, -2], 'a,1,,-2\r\n'],
    [['a,b', 'say "hi"', 'two\r\nlines', ' c '], '"a,b","say ""hi""","two\r\nlines", c \r\n'],
    [['=1+1', '+1', '-1', '@SUM(A1)'], `'=1+1,'+1,'-1,'@SUM(A1)\r\n`],
    [
      ['\tx', '\rx', ' =1', '＝1', '=HYPERLINK("x,y")'],
      `'\tx,"'\rx",' =1,'＝1,"'=HYPERLINK(""x,y"")"\r\n`,
    ],
    [['2026-11-01T00:00:00Z', 'a-b'], '2026-11-01T00:00:00Z,a-b\r\n'],
  ])('of %j', (values, line) => {
    expect(csvLine(values)).toBe(line);
  });
});

describe('whoever says Accept', () => {
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
