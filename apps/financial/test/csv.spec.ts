import { csvLine } from '../src/statement/csv';

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
