import type { ChannelModel, ConsumeMessage, Options } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { sameMessage } from '../envelope';
import { asError } from '../errors';
import { sleep } from '../time';
import type { Action, AuditTrail } from './audit-trail';
import type { ConfirmedPublisher } from './confirmed-publisher';
import { deadLetterOf, originOf, replayHeaders } from './dead-letter';
import { Scan, type Tally } from './scan';

export interface OperationResult {
  /** Its number, which `undo` takes. */
  operation: number;
  done: number;
  /** Dead letters that were left where they are, and why. */
  stayed: { id: string; queue: string; problem: string }[];
}

export interface OperationOptions {
  model: ChannelModel;
  publisher: ConfirmedPublisher;
  trail: AuditTrail;
  operation: number;
  action: Action;
  rate?: number;
  content?: Buffer;
}

/** Dead letters held at a time: a bound for memory. */
const roundMax = 20_000;
/** A slow replay releases the operators' lock in between, and holds nothing for long. */
const roundSeconds = 5;
const windowMax = 500;

/** A replay or discard. It acks a dead letter only after the broker has confirmed its copies. */
export class Operation {
  private done = 0;
  private readonly stayed: OperationResult['stayed'] = [];
  private nextAt = Date.now();

  constructor(private readonly options: OperationOptions) {}

  /**
   * Settles some of those that are left: what fails again meanwhile is not taken a second time.
   * @returns how many dead letters it has settled
   */
  async round(queue: string, left: Tally): Promise<number> {
    const { rate } = this.options;
    const max = rate === undefined ? roundMax : Math.max(1, Math.round(rate * roundSeconds));
    const held: ConsumeMessage[] = [];
    const scan = await Scan.open(this.options.model, queue, (raw) => {
      if (held.length < max && left.take(deadLetterOf(raw, queue).id)) held.push(raw);
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
    return held.length;
  }

  async end(): Promise<OperationResult> {
    const { operation, trail } = this.options;
    await trail.write({ kind: 'end', operation, done: this.done, stayed: this.stayed.length });
    return { operation, done: this.done, stayed: this.stayed };
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
    const { trail, operation, action, publisher, content } = this.options;
    const { id, queue } = deadLetterOf(raw, deadQueue);
    try {
      await trail.write({
        kind: 'taken',
        operation,
        id,
        deadQueue,
        properties: raw.properties,
        content: raw.content.toString('base64'),
      });
      if (action === 'replay') {
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
  // Without an id every copy counts as a message of its own, for the sender and so here.
  const messageId = typeof id === 'string' && id !== '' ? id : uuidv7();
  const options = sameMessage(properties, messageId, {});
  return { ...options, headers: replayHeaders(properties.headers) };
}
