import type { Contract } from '../contract';
import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { parseBody } from '../body';
import { plainContent } from '../content';
import { closeConnection, openConnection } from '../connection/connect';
import type { BrokerUrl } from '../connection/nodes';
import { asError, MessagingError } from '../errors';
import { deadQueue } from '../handlers/handler';
import { clearly } from '../permission-missing';
import { Declarations } from '../topology/declarations';
import { Ways, type Mode } from '../topology/ways';
import { AuditTrail, operationsOf, type Action, type OperationSummary } from './audit-trail';
import { ConfirmedPublisher } from './confirmed-publisher';
import { deadLetterOf, detailsOf, isSelected, originOf } from './dead-letter';
import { DeadLetterGroups, DeadLetterPage, type DeadLetterPosition } from './lists';
import { Operation, type Tools } from './operation';
import type { ReplayControl } from './replay-control';
import { withOperatorsLock } from './operators-lock';
import { Scan, Tally } from './scan';
import type {
  DeadLetter,
  DeadLetterDetails,
  DeadLetterGroup,
  OperationResult,
  ReplayPreview,
  Selection,
} from './shapes';
import { undoOperation, UnknownOperation } from './undo';

export interface DeadLettersOptions {
  amqpUrl: BrokerUrl;
  /** `simple` when not given. */
  mode?: Mode;
  /** As the services have it. */
  queueReplicas?: number;
  /** Whose dead letters are in reach; with or without `.dead`. Missing ones count as empty. */
  queues: readonly string[];
  /** Who acts, for the audit trail. */
  by: string;
  /** Today's contract of a dead letter; undefined when it is not known. */
  contractOf: (deadLetter: DeadLetter) => Contract | undefined;
  /** How long to wait for the operators' lock, in milliseconds. */
  waitMs: number;
}

export interface ReplayOptions {
  /** Messages a second at most. */
  rate?: number;
  /** Sent instead of the dead letter's own content; for a selection of one. */
  content?: Buffer;
  /** A replay that would take longer at this rate is refused before it begins, in seconds. */
  secondsMax?: number;
  /** Holds it up, ends it, and hears how far it is. */
  control?: ReplayControl;
}

/** At this rate the replay would take longer than it may. */
export class ReplayTooSlow extends MessagingError {
  constructor(count: number, rate: number, secondsMax: number) {
    const seconds = Math.ceil(count / rate);
    super(
      `${count} dead letters at ${rate} a second take ${seconds} s, longer than the ` +
        `${secondsMax} s that are allowed: ${Math.ceil(count / secondsMax)} a second is enough`,
    );
  }
}

/** What operators do with dead letters. The broker is the only store: nothing is kept here. */
export class DeadLetters {
  private constructor(
    private readonly model: ChannelModel,
    private readonly connect: () => Promise<ChannelModel>,
    private readonly options: DeadLettersOptions,
  ) {}

  /** Connects, works, disconnects. A scanned dead letter returns to its queue in any case. */
  static async use<T>(
    options: DeadLettersOptions,
    work: (deadLetters: DeadLetters) => Promise<T>,
  ): Promise<T> {
    const connections: ChannelModel[] = [];
    let lost: Error | undefined;
    const open = async () => {
      const model = await openConnection(options.amqpUrl, `dead letters (${options.by})`);
      model.on('error', (error: Error) => (lost ??= error));
      connections.push(model);
      return model;
    };
    try {
      return await work(new DeadLetters(await open(), open, options));
    } catch (error) {
      throw clearly(lost ?? error);
    } finally {
      await Promise.all(connections.map(closeConnection));
    }
  }

  async list(selection: Selection = {}): Promise<DeadLetterGroup[]> {
    const groups = new DeadLetterGroups();
    await this.visit(selection, (deadLetter) => groups.add(deadLetter));
    return groups.all();
  }

  /** Every dead letter with this id: an event may have failed in several queues. */
  async show(id: string, selection: Selection = {}): Promise<DeadLetterDetails[]> {
    const found: DeadLetterDetails[] = [];
    await this.visit({ ...selection, ids: [id] }, (deadLetter, raw) => {
      found.push(detailsOf(raw, deadLetter));
    });
    return found;
  }

  /** By queue and id, at most `limit` of those after the position, or of all of them. */
  async page(
    selection: Selection,
    after: DeadLetterPosition | undefined,
    limit: number,
  ): Promise<DeadLetterDetails[]> {
    const page = new DeadLetterPage(after, limit);
    await this.visit(selection, (deadLetter, raw) => page.add(detailsOf(raw, deadLetter)));
    return page.all();
  }

  /** What a replay would do, without doing it. */
  async preview(selection: Selection): Promise<ReplayPreview> {
    const preview: ReplayPreview = { wouldSend: 0, invalid: [], unchecked: 0 };
    await this.visit(selection, (deadLetter, raw) => {
      preview.wouldSend += 1;
      if (this.options.contractOf(deadLetter) === undefined) preview.unchecked += 1;
      const { id, queue } = deadLetter;
      const problem = this.problemOf(deadLetter, () => plainContent(raw));
      if (problem) preview.invalid.push({ id, queue, problem });
    });
    return preview;
  }

  /** @returns what is wrong with `content` as the body of this dead letter; undefined: nothing */
  problemWith(deadLetter: DeadLetter, content: Buffer): string | undefined {
    return this.problemOf(deadLetter, () => content);
  }

  private problemOf(deadLetter: DeadLetter, read: () => Buffer): string | undefined {
    const contract = this.options.contractOf(deadLetter);
    try {
      if (contract !== undefined) parseBody(contract, read());
      return undefined;
    } catch (error) {
      return asError(error).message;
    }
  }

  /** Sends dead letters back to the queue they failed in; their tries begin anew. */
  async replay(selection: Selection, options: ReplayOptions = {}): Promise<OperationResult> {
    return this.take('replay', selection, options);
  }

  /** Takes dead letters out of their queues; the audit trail keeps them for `undo`. */
  async discard(selection: Selection): Promise<OperationResult> {
    return this.take('discard', selection, {});
  }

  /** Puts back what an operation took. @throws UnknownOperation */
  async undo(operation: number): Promise<OperationResult> {
    if (this.options.queues.length === 0) throw new UnknownOperation(operation);
    const tools = await this.writing();
    const { by } = this.options;
    return this.locked(() => undoOperation(tools, by, this.queuesOf({}), operation));
  }

  /** Every operation that is still on record, oldest first. */
  async operations(): Promise<OperationSummary[]> {
    if (this.options.queues.length === 0) return [];
    const { trail } = await this.writing();
    return operationsOf(trail, this.options.by, this.queuesOf({}));
  }

  private async take(
    action: Action,
    selection: Selection,
    options: ReplayOptions,
  ): Promise<OperationResult> {
    if (this.options.queues.length === 0) {
      options.control?.begins(0, 0);
      return { operation: 0, done: 0, stayed: [] };
    }
    const parts = await this.writing();
    const selected = new Map<string, Tally>();
    await this.visit(selection, ({ id, queue }) => {
      const tally = selected.get(queue) ?? new Tally();
      selected.set(queue, tally);
      tally.add(id);
    });
    const count = [...selected.values()].reduce((sum, { total }) => sum + total, 0);
    const { rate, secondsMax = Infinity } = options;
    if (rate !== undefined && count > rate * secondsMax) {
      throw new ReplayTooSlow(count, rate, secondsMax);
    }
    const number = await parts.trail.begin({ action, by: this.options.by, selection });
    const operation = new Operation({ ...parts, operation: number, action, ...options });
    const { control } = options;
    control?.begins(number, count);
    for (const [queue, left] of selected) {
      while (left.total > 0) {
        await control?.untilResumed();
        if (control?.isStopped) break;
        const settled = await this.locked(() => operation.round(deadQueue(queue), left));
        if (settled === 0 && !control?.isPaused) break;
      }
    }
    return operation.progress.end(parts.trail);
  }

  private async writing(): Promise<Tools> {
    const { model } = this;
    const { amqpUrl, by, mode = 'simple', queueReplicas } = this.options;
    const ways = new Ways(mode, '', queueReplicas);
    const publisher = await ConfirmedPublisher.open(await this.connect(), ways);
    const tools = { model, publisher, declarations: new Declarations(undefined, mode) };
    const reading = async () => openConnection(amqpUrl, `audit trail (${by})`);
    return { ...tools, trail: await AuditTrail.open(tools, reading) };
  }

  private async visit(
    selection: Selection,
    visit: (deadLetter: DeadLetter, raw: ConsumeMessage) => void,
  ): Promise<void> {
    const queues = this.queuesOf(selection);
    // Who has none, such as a service that is only asked, has no right to the lock or the trail.
    if (queues.length === 0) return;
    await this.locked(async () => {
      for (const queue of queues) {
        const scan = await Scan.open(this.model, queue, (raw) => {
          const deadLetter = deadLetterOf(raw, queue);
          if (isSelected(selection, deadLetter, raw)) visit(deadLetter, raw);
        });
        await scan?.close();
      }
    });
  }

  private async locked<T>(work: () => Promise<T>): Promise<T> {
    return withOperatorsLock(this.model, this.options.waitMs, work);
  }

  private queuesOf({ queue }: Selection): string[] {
    const all = [...new Set(this.options.queues.map((name) => deadQueue(originOf(name))))];
    return queue === undefined ? all : all.filter((name) => originOf(name) === originOf(queue));
  }
}
