import { styleText } from 'node:util';
import { coloured } from '../start/lines';

/** Of the columns, from the left. */
const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red', 'gray'] as const;
const timeWidth = 8;
const gap = 2;

export interface ColumnSize {
  name: string;
  width: number;
}

/** What happens, a line each, in the column of who does it. */
export class Screen {
  private startedMs: number | undefined;
  private columns: ColumnSize[] = [];
  private readonly shown: string[] = [];

  /** All of it, without colours. */
  get text(): string {
    return this.shown.join('\n');
  }

  /** A line across all columns. */
  print(line = ''): void {
    this.put(line, line);
  }

  /** Begins the columns. @returns each by its name */
  begin(columns: ColumnSize[]): Map<string, Column> {
    this.columns = columns;
    const heads = columns.map(({ name, width }) => name.padEnd(width + gap)).join('');
    this.print(`${''.padEnd(timeWidth + gap)}${heads}`.trimEnd());
    return new Map(columns.map(({ name }, index) => [name, new Column(this, index)]));
  }

  put(line: string, painted: string): void {
    this.shown.push(line);
    console.log(painted);
  }

  sayIn(index: number, text: string): void {
    // From the first thing that happens: until then services start.
    this.startedMs ??= performance.now();
    const seconds = ((performance.now() - this.startedMs) / 1_000).toFixed(1);
    const before = this.columns.slice(0, index).reduce((sum, { width }) => sum + width + gap, 0);
    const margin = `${`${seconds} s`.padStart(timeWidth)}${' '.repeat(gap + before)}`;
    const colour = colours[index % colours.length] ?? 'gray';
    const painted = coloured ? styleText(colour, text, { validateStream: false }) : text;
    this.put(`${margin}${text}`, `${margin}${painted}`);
  }
}

/** The column of one who takes part. */
export class Column {
  readonly said: string[] = [];

  constructor(
    private readonly screen: Screen,
    private readonly index: number,
  ) {}

  say(text: string): void {
    this.said.push(text);
    this.screen.sayIn(this.index, text);
  }
}
