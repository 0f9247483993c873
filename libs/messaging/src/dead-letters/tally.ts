import type { ChannelModel } from 'amqplib';
import { letterOf, type Letter } from './letter';
import { Scan } from './scan';

/**
 * How many letters there are of each id. Two messages that came without an id and say the same have
 * one id between them, and are two letters all the same.
 */
export class Tally {
  private readonly counts = new Map<string, number>();
  private sum = 0;

  /** Of the letters that are in a dead-letter queue now. */
  static async of(
    model: ChannelModel,
    deadQueue: string,
    isMeant: (letter: Letter) => boolean = () => true,
  ): Promise<Tally> {
    const tally = new Tally();
    const scan = await Scan.open(model, deadQueue, (raw) => {
      const letter = letterOf(raw, deadQueue);
      if (isMeant(letter)) tally.add(letter.id);
    });
    await scan?.close();
    return tally;
  }

  get total(): number {
    return this.sum;
  }

  /** Takes one of them off. @returns false when none is left */
  take(id: string): boolean {
    const count = this.counts.get(id) ?? 0;
    if (count === 0) return false;
    this.counts.set(id, count - 1);
    this.sum -= 1;
    return true;
  }

  private add(id: string): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    this.sum += 1;
  }
}
