import {
  deadLetterLines,
  groupLines,
  operationLines,
  previewLines,
} from '../src/commands/dead-letters-print';
import { print } from '../src/commands/settings';

const at = '2026-11-23T09:12:40.123Z';

it('a table never exceeds 100 columns, however long the names', () => {
  const group = { queue: 'q'.repeat(90), errorCode: 'c'.repeat(60), handler: 'h'.repeat(80) };
  const lines = groupLines([
    {
      ...group,
      errorMessage: 'why',
      trend: [],
      count: 12_345,
      firstFailedAt: at,
      lastFailedAt: at,
    },
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines[1]).toContain('12345  11-23 09:12  11-23 09:12');
});

it('an operation that was cut short says so', () => {
  const operation = { operation: 7, action: 'replay', by: 'paul@ops', at, taken: 3 } as const;
  expect(operationLines([{ ...operation, selection: { code: 'timeout' } }])[1]).toMatch(
    /^7 +replay +3, cut short +11-23 09:12 +paul@ops +code timeout$/,
  );
});

describe('what is printed', () => {
  const evil = 'x\r\nNo dead letters.\u001b[2J\u009b2J\u202E\u007f';
  const group = {
    queue: evil,
    errorCode: evil,
    handler: evil,
    errorMessage: 'why',
    trend: [],
    count: 1,
  };
  const deadLetter = {
    ...{ id: evil, queue: evil, type: evil, errorCode: evil, errorMessage: evil, handler: evil },
    ...{ replays: 0, body: evil, headers: {} },
  };
  const preview = {
    wouldSend: 1,
    unchecked: 0,
    invalid: [{ id: evil, queue: evil, problem: evil }],
  };
  const all = [
    ['groups', groupLines([{ ...group, firstFailedAt: at, lastFailedAt: at }]), group],
    ['a dead letter', deadLetterLines(deadLetter), deadLetter],
    ['one of JSON', deadLetterLines({ ...deadLetter, body: JSON.stringify([evil]) }), deadLetter],
    ['a preview', previewLines(preview), preview],
  ] as const;

  it.each(all)('of %s neither forges a line nor steers a terminal', (_what, lines, value) => {
    const written = jest.spyOn(console, 'log').mockReturnValue();
    print(false, value, [...lines]);
    print(true, value, [...lines]);
    const [text, json] = written.mock.calls.map(([text]) => String(text));
    written.mockRestore();

    expect(text?.split('\n')).not.toContain('No dead letters.');
    for (const out of [text, json]) {
      expect(out?.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202E]/u);
    }
    expect(JSON.parse(json ?? '')).toEqual(value);
  });

  it('of long names with what is escaped still has 100 columns', () => {
    const lines = groupLines([
      { ...group, queue: '\n'.repeat(80), firstFailedAt: at, lastFailedAt: at },
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines[1]).toContain('\\n\\n');
  });
});
