/** What a process has sent, by where it went. */
export interface SentCount {
  exchange: string;
  /** Of the default exchange: the queue. Elsewhere it says nothing, and is empty. */
  routingKey: string;
  contract: string;
  count: number;
}

/** Destinations that are told apart; a service has some ten. */
const destinationsMax = 1_000;

export class SentCounts {
  private readonly counts = new Map<string, Map<string, SentCount>>();
  private size = 0;

  add(exchange: string, routingKey: string, contract: string, count = 1): void {
    const destination = exchange === '' ? routingKey : exchange;
    const ofDestination = this.counts.get(destination) ?? new Map<string, SentCount>();
    const found = ofDestination.get(contract);
    if (found !== undefined) {
      found.count += count;
      return;
    }
    if (this.size >= destinationsMax) return;
    this.size += 1;
    this.counts.set(destination, ofDestination);
    const key = exchange === '' ? routingKey : '';
    ofDestination.set(contract, { exchange, routingKey: key, contract, count });
  }

  all(): SentCount[] {
    return [...this.counts.values()].flatMap((ofDestination) => [...ofDestination.values()]);
  }
}
