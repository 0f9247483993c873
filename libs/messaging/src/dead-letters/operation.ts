import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { PropertyList } from '../connection/property-list';
import { headerNames, sameMessage, type Outgoing } from '../envelope';
import { asError, PublishUnknown, MessagingError } from '../errors';
import { sleep } from '../time';
import type { Declarations } from '../topology/declarations';
import type { Action, AuditTrail, Taken } from './audit-trail';
import type { ConfirmedPublisher } from './confirmed-publisher';
import { deadLetterOf, isOfFailure, originOf, replaysOf } from './dead-letter';
import type { ReplayControl } from './replay-control';
import { Scan, type Tally } from './scan';
import type { OperationResult } from './shapes';

/** The broker stopped to confirm. What it did not confirm stays, or may be there twice. */
export class OperationInterrupted extends MessagingError {
  constructor(
    operation: number,
    done: number,
    override readonly cause: PublishUnknown,
  ) {
    super(`operation ${operation} was interrupted after ${done}: ${cause.message}`);
  }
}

/** What an operation reads and writes with. */
export interface Tools {
  model: ChannelModel;
  publisher: ConfirmedPublisher;
  trail: AuditTrail;
  declarations: Declarations;
}

export interface OperationOptions extends Tools {
  operation: number;
  action: Action;
  rate?: number;
  content?: Buffer;
  control?: ReplayControl;
}

/** Dead letters held at a time: a bound for memory. */
const roundMax = 20_000;
/** A slow replay releases the operators' lock in between, and holds nothing for long. */
const roundSeconds = 5;
const windowMax = 500;

/** What an operation has done so far. */
export class Progress {
  done = 0;
  readonly stayed: OperationResult['stayed'] = [];
  private unconfirmed?: PublishUnknown;

  constructor(readonly operation: number) {}

  async settle(
    { id, deadQueue }: Pick<Taken, 'id' | 'deadQueue'>,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
      this.done += 1;
    } catch (error) {
      if (error instanceof PublishUnknown) this.unconfirmed = error;
      this.stayed.push({ id, queue: originOf(deadQueue), problem: asError(error).message });
    }
  }

  /** The lock must not wait for a broker that does not confirm. @throws OperationInterrupted */
  throwIfUnconfirmed(): void {
    const { operation, done, unconfirmed } = this;
    if (unconfirmed) throw new OperationInterrupted(operation, done, unconfirmed);
  }

  async end(trail: AuditTrail): Promise<OperationResult> {
    const { operation, done, stayed } = this;
    await trail.write({ kind: 'end', operation, done, stayed: stayed.length });
    return { operation, done, stayed };
  }
}

/** A replay or discard. It acks a dead letter only after the broker has confirmed its copies. */
export class Operation {
  readonly progress: Progress;
  private nextAt = Date.now();

  constructor(private readonly options: OperationOptions) {
    this.progress = new Progress(options.operation);
  }

  /**
   * Settles some of those that are left: what fails again meanwhile is not taken a second time.
   * @returns how many dead letters it has settled
   * @throws OperationInterrupted
   */
  async round(queue: string, left: Tally): Promise<number> {
    const { rate, control } = this.options;
    const max = rate === undefined ? roundMax : Math.max(1, Math.round(rate * roundSeconds));
    const windowSize = Math.min(windowMax, Math.max(1, Math.floor((rate ?? Infinity) / 10)));
    const held: ConsumeMessage[] = [];
    const scan = await Scan.open(this.options.model, queue, (raw) => {
      if (held.length < max && left.take(deadLetterOf(raw, queue).id)) held.push(raw);
    });
    if (scan === undefined) return 0;
    let settled = 0;
    try {
      while (settled < held.length && !control?.isPaused && !control?.isStopped) {
        const some = held.slice(settled, settled + windowSize);
        await this.pace(some.length);
        await Promise.all(some.map((raw) => this.settle(scan, raw, queue)));
        this.progress.throwIfUnconfirmed();
        settled += some.length;
      }
    } finally {
      for (const raw of held.slice(settled)) left.add(deadLetterOf(raw, queue).id);
      await scan.close();
    }
    return settled;
  }

  private async pace(count: number): Promise<void> {
    const { rate } = this.options;
    if (rate === undefined) return;
    await sleep(Math.max(0, this.nextAt - Date.now()));
    this.nextAt = Math.max(this.nextAt, Date.now()) + (count * 1_000) / rate;
  }

  private async settle(scan: Scan, raw: ConsumeMessage, deadQueue: string): Promise<void> {
    const { trail, operation, action, publisher, content, control } = this.options;
    const { id } = deadLetterOf(raw, deadQueue);
    const { content: original } = raw;
    const properties = PropertyList.of(raw.properties).toBytes().toString('base64');
    const kept = { properties, content: original.toString('base64') };
    await this.progress.settle({ id, deadQueue }, async () => {
      await trail.write({ kind: 'taken', operation, id, deadQueue, ...kept });
      if (action === 'replay') {
        const again = replayed(raw, content !== undefined);
        await publisher.publish(originOf(deadQueue), content ?? original, again);
        control?.sent({ id, queue: originOf(deadQueue), sentAs: again.messageId });
      }
      if (action === 'discard' && holdsItsKey(raw)) await this.tellDiscarded(raw, deadQueue);
      scan.ack(raw);
    });
  }

  /** Those of its key wait for it: without this they would wait for ever. */
  private async tellDiscarded(raw: ConsumeMessage, deadQueue: string): Promise<void> {
    const list = PropertyList.of(raw.properties);
    const told = sameMessage(list, uuidv7(), { [headerNames.discarded]: 'yes' });
    await this.options.publisher.publish(originOf(deadQueue), raw.content, told);
  }
}

function holdsItsKey({ properties }: ConsumeMessage): boolean {
  return properties.headers?.[headerNames.onDead] === 'stop';
}

function replayed(raw: ConsumeMessage, edited: boolean): Outgoing {
  const list = PropertyList.of(raw.properties);
  list.deleteHeaders(isOfFailure);
  if (edited) list.delete('contentEncoding');
  const headers = { [headerNames.replays]: replaysOf(raw.properties.headers) + 1 };
  // Where it has none: every copy counts as a message of its own, for the sender and so here.
  return sameMessage(list, uuidv7(), headers);
}
