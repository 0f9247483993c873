import type { ConsumeMessage } from 'amqplib';
import { RpcFailed, RpcTimeout } from '../errors';
import type { Place, Properties } from '../connection/publish-frames';
import type { Envelope } from '../envelope';

/** One who waits for the answer, until a deadline of its own. */
interface Caller {
  /** By `performance.now()`, as all deadlines here. */
  deadline: number;
  timeoutMs: number;
  resolve: (answer: Buffer, raw?: ConsumeMessage) => void;
  reject: (error: Error) => void;
}

/** Who takes every answer to a question, until it says that it has the last. */
export interface Listener {
  /** May take this long to come, and so long after each other. */
  timeoutMs: number;
  answered: (answer: Buffer, raw?: ConsumeMessage) => void;
  failed: (error: Error) => void;
}

/** What is on the wire, for one caller, or for all that ask the same at the time. */
export interface Question {
  envelope: Envelope;
  queue: string;
  /** Where it goes; to the queue when not given. */
  place?: Place;
  /** Laid over those of the envelope. */
  properties?: Properties;
  content: Buffer;
  /** More than one answer may come. */
  isOpen: boolean;
  /** Equal questions have equal ones; undefined for a question that is shared with nobody. */
  key: string | undefined;
  /** It was on the wire. */
  isAsked: boolean;
  /** When the server need not answer any more. */
  deadline: number;
  callers: Caller[];
}

export type Asked = Pick<Question, 'envelope' | 'queue' | 'place' | 'properties' | 'content'>;

function begin(question: Asked, key: string | undefined, deadline: number): Question {
  const { envelope, queue, place, properties, content } = question;
  const asked = { envelope, queue, place, properties, content };
  return { ...asked, key, deadline, isOpen: false, isAsked: false, callers: [] };
}

/** A caller may learn so much later that its time is over: one timer serves all. */
const sweepMs = 5;

/** The questions without an answer. No caller is left pending: each has its deadline. */
export class Questions {
  private readonly byId = new Map<string, Question>();
  private readonly byKey = new Map<string, Question>();
  private callers = 0;
  private sweeper?: NodeJS.Timeout;
  private sweepAt = Infinity;

  /** @param ask writes a question, if it can be written now */
  constructor(
    private readonly callersMax: number,
    private readonly ask: (question: Question) => void,
  ) {}

  /** Waits for the answer to `asked()`, or to the one in flight that has the same `key`. */
  async wait(key: string | undefined, timeoutMs: number, asked: () => Asked): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + timeoutMs;
      const caller = { deadline, timeoutMs, resolve, reject };
      const same = key === undefined ? undefined : this.byKey.get(key);
      const question = same ?? begin(asked(), key, deadline);
      if (!this.join(question, caller) || same !== undefined) return;
      if (key !== undefined) this.byKey.set(key, question);
      this.ask(question);
    });
  }

  /** Asks, and takes answers. @returns ends it: no more of them are taken */
  open(asked: Asked, { timeoutMs, answered, failed }: Listener): () => void {
    const deadline = performance.now() + timeoutMs;
    const question = { ...begin(asked, undefined, deadline), isOpen: true };
    const caller = { deadline, timeoutMs, resolve: answered, reject: failed };
    if (this.join(question, caller)) this.ask(question);
    return () => void this.end(question.envelope.messageId);
  }

  /** @returns false when as many as may wait do already, which the caller is told */
  private join(question: Question, caller: Caller): boolean {
    if (this.callers >= this.callersMax) {
      const reason = `${this.callersMax} questions already wait for an answer`;
      caller.reject(new RpcFailed(question.queue, reason));
      return false;
    }
    question.callers.push(caller);
    this.callers += 1;
    this.sweepBy(caller.deadline);
    this.byId.set(question.envelope.messageId, question);
    return true;
  }

  /** Callers that wait for an answer. */
  get waiting(): number {
    return this.callers;
  }

  all(): IterableIterator<Question> {
    return this.byId.values();
  }

  /** @returns whether anybody still waits for it */
  answer(id: string, answer: Buffer, raw?: ConsumeMessage): boolean {
    const open = this.byId.get(id);
    const question = open?.isOpen ? open : this.end(id);
    if (open?.isOpen) this.prolong(open);
    for (const { resolve } of question?.callers ?? []) resolve(answer, raw);
    return question !== undefined;
  }

  /** @returns whether anybody still waits for it */
  fail(id: string, error: (queue: string) => Error): boolean {
    const question = this.end(id);
    // One each: who catches it may add to it.
    for (const { reject } of question?.callers ?? []) reject(error(question?.queue ?? ''));
    return question !== undefined;
  }

  failAll(reason: string): void {
    for (const id of this.byId.keys()) this.fail(id, (queue) => new RpcFailed(queue, reason));
    clearTimeout(this.sweeper);
    this.sweepAt = Infinity;
  }

  private prolong({ callers }: Question): void {
    const now = performance.now();
    for (const caller of callers) caller.deadline = now + caller.timeoutMs;
  }

  private end(id: string): Question | undefined {
    const question = this.byId.get(id);
    if (question === undefined) return undefined;
    this.byId.delete(id);
    if (question.key !== undefined) this.byKey.delete(question.key);
    this.callers -= question.callers.length;
    return question;
  }

  private sweepBy(deadline: number): void {
    if (this.sweepAt <= deadline) return;
    clearTimeout(this.sweeper);
    this.sweepAt = deadline;
    const waitMs = Math.max(sweepMs, Math.ceil(deadline - performance.now()));
    this.sweeper = setTimeout(() => this.sweep(), waitMs);
  }

  private sweep(): void {
    const now = performance.now();
    let next = Infinity;
    for (const question of this.byId.values()) {
      this.dismissLate(question, now);
      for (const { deadline } of question.callers) next = Math.min(next, deadline);
    }
    this.sweepAt = Infinity;
    if (next < Infinity) this.sweepBy(next);
  }

  private dismissLate(question: Question, now: number): void {
    const { callers, queue, envelope } = question;
    if (callers.every(({ deadline }) => deadline > now)) return;
    const late = callers.filter(({ deadline }) => deadline <= now);
    question.callers = callers.filter(({ deadline }) => deadline > now);
    this.callers -= late.length;
    for (const { reject, timeoutMs } of late) {
      const why = `not asked in ${timeoutMs} ms, for want of a connection to the broker`;
      reject(question.isAsked ? new RpcTimeout(queue, timeoutMs) : new RpcFailed(queue, why));
    }
    if (question.callers.length === 0) this.end(envelope.messageId);
    else if (question.deadline <= now) {
      // The server drops what is late for its first caller: asked again for the others.
      question.deadline = Math.max(...question.callers.map(({ deadline }) => deadline));
      this.ask(question);
    }
  }
}
