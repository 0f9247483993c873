import type { History } from '../api/live';

/** Seconds that are remembered. */
const pointsMax = 900;
/** Queues and services that are remembered; a system has some dozens. */
const subjectsMax = 500;

/** One row of numbers a second, the oldest overwritten. */
export class Series {
  private readonly at = new Float64Array(pointsMax);
  private readonly columns = new Map<string, Float64Array>();
  private count = 0;

  add(at: number, values: Record<string, number | null>): void {
    const place = this.count % pointsMax;
    this.at[place] = at;
    for (const column of this.columns.values()) column[place] = NaN;
    for (const [name, value] of Object.entries(values)) {
      const column = this.columns.get(name) ?? new Float64Array(pointsMax).fill(NaN);
      this.columns.set(name, column);
      column[place] = value ?? NaN;
    }
    this.count += 1;
  }

  /** Oldest first. */
  read(): History {
    const length = Math.min(this.count, pointsMax);
    const first = this.count - length;
    const places = Array.from({ length }, (_, index) => (first + index) % pointsMax);
    const read = (column: Float64Array) =>
      places.map((place) => {
        const value = column[place] ?? NaN;
        return Number.isNaN(value) ? null : value;
      });
    return {
      at: places.map((place) => this.at[place] ?? 0),
      series: Object.fromEntries([...this.columns].map(([name, one]) => [name, read(one)])),
    };
  }
}

/** The last 15 minutes of every queue and service, as far as somebody looked. */
export class Histories {
  private readonly subjects = new Map<string, Series>();

  /** @param subject `queue payments.charge-payment` */
  add(subject: string, at: number, values: Record<string, number | null>): void {
    const series = this.subjects.get(subject) ?? new Series();
    if (!this.subjects.has(subject) && this.subjects.size >= subjectsMax) return;
    this.subjects.set(subject, series);
    series.add(at, values);
  }

  read(subject: string): History {
    return this.subjects.get(subject)?.read() ?? { at: [], series: {} };
  }
}
