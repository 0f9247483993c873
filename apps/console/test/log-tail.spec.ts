import type { LogEntry } from '../src/api/logs';
import {
  arrived,
  emptyTail,
  followed,
  isGap,
  newCount,
  older,
  resumed,
  rowsMax,
} from '../page/views/logs/tail';

const entry = (id: string): LogEntry => ({
  id,
  time: '2026-11-26T12:00:00.000Z',
  level: 'info',
  service: 'orders',
  message: 'order advanced',
  context: null,
  traceId: null,
  data: null,
});
const entries = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => entry(String(from + n)));
const ids = (rows: ReturnType<typeof arrived>['rows']) =>
  rows.map((row) => (isGap(row) ? `gap ${row.gap}` : row.id));

describe('the tail of the log', () => {
  it('shows what comes while the reader follows', () => {
    const tail = arrived(arrived(emptyTail, [entry('1')]), [{ gap: 5 }, entry('2')]);
    expect(ids(tail.rows)).toEqual(['1', 'gap 5', '2']);
    expect(newCount(tail)).toBe(0);
  });

  it('holds it back while the reader reads, counts it, and shows it afterwards', () => {
    const reading = arrived(followed(arrived(emptyTail, entries(0, 2)), false), [
      entry('2'),
      { gap: 4 },
    ]);
    expect(ids(reading.rows)).toEqual(['0', '1']);
    expect(newCount(reading)).toBe(5);
    const back = followed(reading, true);
    expect(ids(back.rows)).toEqual(['0', '1', '2', 'gap 4']);
    expect(newCount(back)).toBe(0);
  });

  it('shows a line once, whoever tells it', () => {
    const tail = older(arrived(emptyTail, [entry('2'), entry('3')]), [entry('2'), entry('1')]);
    expect(ids(tail.rows)).toEqual(['1', '2', '3']);
    expect(arrived(tail, [entry('1')])).toBe(tail);
  });

  it('goes on after the stream was away, and says where lines may be missing', () => {
    const tail = arrived(emptyTail, entries(0, 3));
    expect(ids(resumed(tail, [entry('4'), entry('3'), entry('2')]).rows)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(ids(resumed(tail, [entry('9'), entry('8')]).rows)).toEqual([
      '0',
      '1',
      '2',
      'gap null',
      '8',
      '9',
    ]);
    expect(ids(resumed(emptyTail, [entry('9')]).rows)).toEqual(['9']);
    expect(resumed(tail, [])).toBe(tail);
  });

  it('is bounded, and says how many lines it let go', () => {
    const full = arrived(emptyTail, entries(0, rowsMax));
    expect(full.rows).toHaveLength(rowsMax);
    const over = arrived(full, entries(rowsMax, rowsMax + 10));
    expect(over.rows).toHaveLength(rowsMax);
    expect(over.rows[0]).toEqual({ gap: 11 });
    expect(arrived(over, [entry('x')]).rows[0]).toEqual({ gap: 12 });
    const held = arrived(followed(full, false), entries(rowsMax, 3 * rowsMax));
    expect(held.held).toHaveLength(rowsMax);
    expect(newCount(held)).toBe(2 * rowsMax);
  });
});
