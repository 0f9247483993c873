/** In seconds, as OpenTelemetry's semantic conventions have them. */
const secondsBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** How many values lay between which bounds. */
export class Histogram {
  /** Up to each bound; the last are those above all. */
  readonly counts: number[];
  sum = 0;

  constructor(readonly bounds: readonly number[] = secondsBounds) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let place = 0;
    while (place < this.bounds.length && value > (this.bounds[place] as number)) place += 1;
    this.counts[place] = (this.counts[place] as number) + 1;
    this.sum += value;
  }
}
