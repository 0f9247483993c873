import { errorCode } from '../consume/failures';
import { Histogram } from './histogram';
import { Named } from './named';

/** How long an operation took at a place, in seconds, by how it ended. */
export interface OperationTime {
  destination: string;
  /** Empty: it succeeded. */
  errorType: string;
  seconds: Histogram;
}

/** A service has some twenty. */
const destinationsMax = 100;
const errorTypesMax = 10;

/** Calls by their error, the empty one for success. */
export function byError(): Named<Histogram> {
  return new Named(errorTypesMax, () => new Histogram());
}

/** How often something failed, by its error. */
export class ErrorCounts {
  private readonly counts = new Named(errorTypesMax, () => ({ count: 0 }));
  total = 0;

  add(errorType: string): void {
    this.counts.of(errorType).count += 1;
    this.total += 1;
  }

  all(): { errorType: string; count: number }[] {
    return [...this.counts.all()].map(([errorType, { count }]) => ({ errorType, count }));
  }
}

/** One operation of this process, such as publishing, by where it went. */
export class OperationTimes {
  private readonly times = new Named(destinationsMax, byError);

  /** @returns is to be told how it ended */
  begin(destination: string): (error?: Error) => void {
    const began = performance.now();
    return (error) => {
      const errorType = error === undefined ? '' : errorCode(error);
      this.times
        .of(destination)
        .of(errorType)
        .add((performance.now() - began) / 1_000);
    };
  }

  all(): OperationTime[] {
    return [...this.times.all()].flatMap(([destination, errors]) =>
      [...errors.all()].map(([errorType, seconds]) => ({ destination, errorType, seconds })),
    );
  }
}
