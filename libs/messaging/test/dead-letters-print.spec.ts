import { operationLines, groupLines } from '../src/commands/dead-letters-print';

const at = '2026-11-23T09:12:40.123Z';

it('a table never exceeds 100 columns, however long the names', () => {
  const group = { queue: 'q'.repeat(90), errorCode: 'c'.repeat(60), handler: 'h'.repeat(80) };
  const lines = groupLines([{ ...group, count: 12_345, firstFailedAt: at, lastFailedAt: at }]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines[1]).toContain('12345  11-23 09:12  11-23 09:12');
});

it('an operation that was cut short says so', () => {
  const operation = { operation: 7, action: 'replay', by: 'paul@ops', at, taken: 3 } as const;
  expect(operationLines([{ ...operation, selection: { code: 'timeout' } }])[1]).toMatch(
    /^7 +replay +3, cut short +11-23 09:12 +paul@ops +code timeout$/,
  );
});
