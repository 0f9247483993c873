import type { Contract } from '../contract';
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { parseBody } from '../body';
import { asError } from '../errors';
import { deadQueue } from '../handler';
import { AuditTrail, type Act } from './audit-trail';
import { Batch, type Outcome } from './batch';
import { batchesOf, type BatchSummary } from './batches';
import { Confirmed } from './confirmed';
import { isMeant, letterOf, originOf, type Letter, type Selection } from './letter';
import { LetterGroups, type LetterGroup } from './letter-groups';
import { LetterPage, type LetterPlace } from './letter-page';
import { alone } from './lock';
import { Scan } from './scan';
import { Tally } from './tally';
import { undoBatch } from './undo';

export interface DeadLettersOptions {
  amqpUrl: string;
  /** Whose dead letters are in reach; with or without `.dead`. Missing ones count as empty. */
  queues: readonly string[];
  /** Who acts, for the audit trail. */
  by: string;
  /** Today's contract of a letter; undefined when nobody knows. */
  contractOf: (letter: Letter) => Contract | undefined;
  /** How long to wait for another one who is at work, in milliseconds. */
  waitMs: number;
}

export interface ReplayOptions {
  /** Messages a second at most. */
  rate?: number;
  /** Sent instead of what the letter says; for a selection of one. */
  content?: Buffer;
  /** What would take longer at this rate is refused before it begins, in seconds. */
  secondsMax?: number;
}

/** At this rate the replay would take longer than it may. */
export class ReplayTooSlow extends Error {
  override readonly name = 'ReplayTooSlow';
  /** The slowest that is allowed, messages a second. */
  readonly rateMin: number;

  constructor(
    readonly letters: number,
    readonly rate: number,
    readonly secondsMax: number,
  ) {
    const rateMin = Math.ceil(letters / secondsMax);
    const seconds = Math.ceil(letters / rate);
    super(
      `${letters} letters at ${rate} a second take ${seconds} s, longer than the ${secondsMax} s ` +
        `that are allowed: ${rateMin} a second is enough`,
    );
    this.rateMin = rateMin;
  }
}

export interface ShownLetter extends Letter {
  /** As text; what is not UTF-8 cannot be read here. */
  body: string;
  headers: Record<string, unknown>;
}

export interface Verdict {
  wouldSend: number;
  /** Letters that their handler would refuse at once. */
  invalid: { id: string; queue: string; problem: string }[];
  /** Letters of which nobody here knows the contract. */
  unchecked: number;
}

/** What operators do with dead letters. The broker is the only store: nothing is kept here. */
export class DeadLetters {
  private constructor(
    private readonly model: ChannelModel,
    private readonly options: DeadLettersOptions,
  ) {}

  /** Connects, works, disconnects. A letter that is being looked at goes back, whatever happens. */
  static async use<T>(
    options: DeadLettersOptions,
    work: (letters: DeadLetters) => Promise<T>,
  ): Promise<T> {
    const model = await connect(options.amqpUrl, {
      noDelay: true,
      timeout: 10_000,
      clientProperties: { connection_name: `dead letters (${options.by})` },
    });
    let lost: Error | undefined;
    model.on('error', (error: Error) => (lost = error));
    try {
      return await work(new DeadLetters(model, options));
    } catch (error) {
      throw lost ?? error;
    } finally {
      await model.close().catch(() => undefined);
    }
  }

  async list(selection: Selection = {}): Promise<LetterGroup[]> {
    const groups = new LetterGroups();
    await this.look(selection, (letter) => groups.add(letter));
    return groups.all();
  }

  /** Every letter with this id: an event may have failed in several queues. */
  async show(id: string, selection: Selection = {}): Promise<ShownLetter[]> {
    const found: ShownLetter[] = [];
    await this.look({ ...selection, ids: [id] }, (letter, raw) => found.push(shown(letter, raw)));
    return found;
  }

  /** By queue and id, at most `limit` of those after `place`, or of all of them. */
  async page(
    selection: Selection,
    place: LetterPlace | undefined,
    limit: number,
  ): Promise<ShownLetter[]> {
    const page = new LetterPage(place, limit);
    await this.look(selection, (letter, raw) => page.add(shown(letter, raw)));
    return page.all();
  }

  /** What a replay would do, without doing it. */
  async tryOut(selection: Selection): Promise<Verdict> {
    const verdict: Verdict = { wouldSend: 0, invalid: [], unchecked: 0 };
    await this.look(selection, (letter, raw) => {
      verdict.wouldSend += 1;
      const contract = this.options.contractOf(letter);
      if (contract === undefined) {
        verdict.unchecked += 1;
        return;
      }
      const problem = problemOf(contract, raw.content);
      if (problem) verdict.invalid.push({ id: letter.id, queue: letter.queue, problem });
    });
    return verdict;
  }

  /** @returns what is wrong with `content` as the body of this letter; undefined when nothing is */
  problemWith(letter: Letter, content: Buffer): string | undefined {
    const contract = this.options.contractOf(letter);
    return contract === undefined ? undefined : problemOf(contract, content);
  }

  /** Sends letters back to the queue they failed in; their tries begin anew. */
  async replay(selection: Selection, options: ReplayOptions = {}): Promise<Outcome> {
    return this.take('replay', selection, options);
  }

  /** Takes letters out of their queues; the audit trail keeps them for `undo`. */
  async discard(selection: Selection): Promise<Outcome> {
    return this.take('discard', selection, {});
  }

  /** Puts back what a batch took. @throws UnknownBatch */
  async undo(batch: number): Promise<Outcome> {
    const publisher = await Confirmed.open(this.model);
    const trail = await AuditTrail.open(this.model, publisher);
    const { by } = this.options;
    const reach = this.queuesOf({});
    const parts = { model: this.model, publisher, trail, by, reach };
    return this.alone(() => undoBatch(parts, batch));
  }

  /** Every act that is still on record, oldest first. */
  async batches(): Promise<BatchSummary[]> {
    const trail = await AuditTrail.open(this.model, await Confirmed.open(this.model));
    return batchesOf(trail, this.options.by, this.queuesOf({}));
  }

  private async take(act: Act, selection: Selection, options: ReplayOptions): Promise<Outcome> {
    const publisher = await Confirmed.open(this.model);
    const trail = await AuditTrail.open(this.model, publisher);
    const meant = await this.alone(() => this.count(selection));
    refuseTooSlow(meant, options);
    const batch = await trail.begin({ act, by: this.options.by, selection });
    const taking = new Batch({ model: this.model, publisher, trail, batch, act, ...options });
    for (const [queue, left] of meant) {
      while (left.total > 0) {
        if ((await this.alone(() => taking.round(queue, left))) === 0) break;
      }
    }
    return taking.end();
  }

  private async count(selection: Selection): Promise<Map<string, Tally>> {
    const meant = new Map<string, Tally>();
    for (const queue of this.queuesOf(selection)) {
      meant.set(queue, await Tally.of(this.model, queue, (letter) => isMeant(selection, letter)));
    }
    return meant;
  }

  private async look(
    selection: Selection,
    visit: (letter: Letter, raw: ConsumeMessage) => void,
  ): Promise<void> {
    await this.alone(async () => {
      for (const queue of this.queuesOf(selection)) {
        const scan = await Scan.open(this.model, queue, (raw) => {
          const letter = letterOf(raw, queue);
          if (isMeant(selection, letter)) visit(letter, raw);
        });
        await scan?.close();
      }
    });
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    return alone(this.model, this.options.waitMs, work);
  }

  private queuesOf({ queue }: Selection): string[] {
    const all = [...new Set(this.options.queues.map((name) => deadQueue(originOf(name))))];
    return queue === undefined ? all : all.filter((name) => originOf(name) === originOf(queue));
  }
}

function shown(letter: Letter, raw: ConsumeMessage): ShownLetter {
  return { ...letter, body: raw.content.toString(), headers: { ...raw.properties.headers } };
}

function refuseTooSlow(meant: Map<string, Tally>, { rate, secondsMax }: ReplayOptions): void {
  if (rate === undefined || secondsMax === undefined) return;
  const letters = [...meant.values()].reduce((sum, { total }) => sum + total, 0);
  if (letters > rate * secondsMax) throw new ReplayTooSlow(letters, rate, secondsMax);
}

function problemOf(contract: Contract, content: Buffer): string | undefined {
  try {
    parseBody(contract, content);
    return undefined;
  } catch (error) {
    return asError(error).message;
  }
}
