import type { ChannelModel, ConsumeMessage, Options } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { sameMessage } from '../envelope';
import { asError } from '../errors';
import { sleep } from '../link';
import type { Act, AuditTrail } from './audit-trail';
import type { Confirmed } from './confirmed';
import { isMeant, letterOf, originOf, replayHeaders, type Selection } from './letter';
import { Scan } from './scan';

export interface Outcome {
  /** What `undo` wants to hear. */
  batch: number;
  done: number;
  /** Letters that were left where they are, and why. */
  stayed: { id: string; queue: string; problem: string }[];
}

export interface BatchOptions {
  model: ChannelModel;
  publisher: Confirmed;
  trail: AuditTrail;
  batch: number;
  act: Act;
  rate?: number;
  content?: Buffer;
}

/** Letters held at a time: a bound for memory. */
const roundMax = 20_000;
/** A slow replay lets others look in between, and holds nothing for long. */
const roundSeconds = 5;
const windowMax = 500;

/** One replay or discard. A letter is acked only when the broker has confirmed all its copies. */
export class Batch {
  private done = 0;
  private readonly stayed: Outcome['stayed'] = [];
  private nextAt = Date.now();

  constructor(private readonly options: BatchOptions) {}

  /** @returns the ids that are meant: what fails again meanwhile is not taken a second time */
  async idsIn(queue: string, selection: Selection): Promise<Set<string>> {
    const ids = new Set<string>();
    const scan = await Scan.open(this.options.model, queue, (raw) => {
      const letter = letterOf(raw, queue);
      if (isMeant(selection, letter)) ids.add(letter.id);
    });
    await scan?.close();
    return ids;
  }

  /** @returns how many letters it has settled */
  async round(queue: string, left: Set<string>): Promise<number> {
    const { rate } = this.options;
    const max = rate === undefined ? roundMax : Math.max(1, Math.round(rate * roundSeconds));
    const held: ConsumeMessage[] = [];
    const scan = await Scan.open(this.options.model, queue, (raw) => {
      if (held.length < max && left.has(letterOf(raw, queue).id)) held.push(raw);
    });
    if (scan === undefined) return 0;
    try {
      for (let i = 0; i < held.length;) {
        const some = held.slice(i, i + this.windowSize());
        await this.pace(some.length);
        await Promise.all(some.map((raw) => this.settle(scan, raw, queue)));
        i += some.length;
      }
    } finally {
      await scan.close();
    }
    for (const raw of held) left.delete(letterOf(raw, queue).id);
    return held.length;
  }

  async end(): Promise<Outcome> {
    const { batch, trail } = this.options;
    await trail.write({ kind: 'end', batch, done: this.done, stayed: this.stayed.length });
    return { batch, done: this.done, stayed: this.stayed };
  }

  private windowSize(): number {
    const { rate } = this.options;
    return rate === undefined ? windowMax : Math.min(windowMax, Math.max(1, Math.floor(rate / 10)));
  }

  private async pace(count: number): Promise<void> {
    const { rate } = this.options;
    if (rate === undefined) return;
    await sleep(Math.max(0, this.nextAt - Date.now()));
    this.nextAt = Math.max(this.nextAt, Date.now()) + (count * 1_000) / rate;
  }

  private async settle(scan: Scan, raw: ConsumeMessage, deadQueue: string): Promise<void> {
    const { trail, batch, act, publisher, content } = this.options;
    const { id, queue } = letterOf(raw, deadQueue);
    try {
      await trail.write({
        kind: 'taken',
        batch,
        id,
        deadQueue,
        properties: raw.properties,
        content: raw.content.toString('base64'),
      });
      if (act === 'replay') {
        await publisher.publish(originOf(deadQueue), content ?? raw.content, replayed(raw));
      }
      scan.ack(raw);
      this.done += 1;
    } catch (error) {
      this.stayed.push({ id, queue, problem: asError(error).message });
    }
  }
}

function replayed({ properties }: ConsumeMessage): Options.Publish {
  const id: unknown = properties.messageId;
  // A sender that gives no id takes a second copy for a second message; so must we.
  const messageId = typeof id === 'string' && id !== '' ? id : uuidv7();
  const options = sameMessage(properties, messageId, {});
  return { ...options, headers: replayHeaders(properties.headers) };
}
