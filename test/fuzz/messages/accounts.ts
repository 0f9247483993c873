import { finding, type Finding } from '../finding';
import { caseHeader, ownHeader, type MessageCase } from './case';

/** A message as a broker gives it. */
export interface Came {
  content: Buffer;
  properties: { headers?: Record<string, unknown>; correlationId?: unknown };
}

/** The reader could not have it: nothing of its handler has run. */
const unreadable = new Set(['bad_json', 'invalid_body', 'unknown_encoding', 'missing_message_id']);
/** The shop cannot do it: what it is about is not there, or is in another state. */
const refused = /^(order|payment|user|alert|delivery)_unknown$|_when_\w+$|_amount_differs$/;
/** Whom the shop asks or tells did not take it. */
export const outside = new Set(['webhook_failed', 'gateway_timeout', 'gateway_unavailable']);

interface Account {
  one: Pick<MessageCase, 'parts' | 'bad' | 'isUnasked'> & { queue: string; isQuestion: boolean };
  unreadable: number;
  refused: number;
  replies: number;
}

export interface MessageCounts {
  messages: number;
  good: number;
  bad: number;
  /** The document does not say of them. */
  either: number;
  questions: number;
  replies: number;
  /** Dead letters by their code; of what the shop itself sent too. */
  dead: Record<string, number>;
}

/** What became of each message. */
export class Accounts {
  readonly findings: Finding[] = [];
  readonly counts: MessageCounts = {
    messages: 0,
    good: 0,
    bad: 0,
    either: 0,
    questions: 0,
    replies: 0,
    dead: {},
  };
  /** Messages by their queue. */
  readonly sent = new Map<string, number>();
  private readonly accounts = new Map<number, Account>();
  private burst: Account[] = [];

  /** What was sent before is not waited for any more. */
  beginBurst(): void {
    this.burst = [];
  }

  /** Before it is sent. */
  open({ number, parts, bad, isUnasked, inlet }: MessageCase): void {
    const { queue, isQuestion } = inlet;
    const one = { parts, bad, isUnasked, queue, isQuestion };
    const account = { one, unreadable: 0, refused: 0, replies: 0 };
    this.accounts.set(number, account);
    this.burst.push(account);
    this.sent.set(queue, (this.sent.get(queue) ?? 0) + parts);
    const { counts } = this;
    counts.messages += 1;
    if (isQuestion) counts.questions += 1;
    counts[bad < 0 ? 'either' : bad > 0 ? 'bad' : 'good'] += 1;
  }

  died(queue: string, { properties }: Came): void {
    const { headers = {} } = properties;
    if (headers[caseHeader] === ownHeader[caseHeader]) return;
    const code = codeOf(headers);
    this.counts.dead[code] = (this.counts.dead[code] ?? 0) + 1;
    const number = Number(headers[caseHeader] ?? NaN);
    const at = Number.isNaN(number) ? queue : `message:${number}`;
    const say = (property: string, why: string) => {
      this.findings.push(finding(at, property, `${queue}: ${why} ${said(headers)}`));
    };
    if (typeof headers['x-error-message'] !== 'string') say('dead-with-reason', 'no reason');
    const account = this.accounts.get(number);
    if (account?.one.queue !== queue && account) say('dead-in-place', `not ${account.one.queue}`);
    const isRefused = refused.test(code);
    if (account && unreadable.has(code)) account.unreadable += 1;
    else if (account && isRefused) account.refused += 1;
    else if (!isRefused && !outside.has(code)) say('handled', 'a dead letter');
  }

  replied({ properties, content }: Came): void {
    this.counts.replies += 1;
    const number = Number(properties.correlationId);
    const account = this.accounts.get(number);
    if (!account) return;
    account.replies += 1;
    const code = properties.headers?.['x-error-code'];
    if (typeof code === 'string' && unreadable.has(code)) account.unreadable += 1;
    else if (typeof code === 'string' && !refused.test(code)) {
      const why = `${account.one.queue}: ${content.toString().slice(0, 300)}`;
      this.findings.push(finding(`message:${number}`, 'answered', why));
    }
  }

  /** Whether all that has to be refused was, and all that is asked was answered. */
  get isDone(): boolean {
    return !this.burst.some(openIn);
  }

  /** At the end. */
  close(): Finding[] {
    const late = [...this.accounts].flatMap(([number, account]) => {
      const { one, refused: ends, replies, unreadable: dead } = account;
      const { queue, isQuestion, bad, parts } = one;
      const at = `message:${number}`;
      const what = `${queue}: ${parts} messages, ${bad} of them bad`;
      const came = `${dead} unreadable, ${ends} refused, ${replies} replies`;
      const say = (property: string) => [finding(at, property, `${what}: ${came}`)];
      if (isQuestion && (one.isUnasked ? replies > 1 : replies !== 1)) return say('answered-once');
      if (isQuestion && one.isUnasked) return [];
      const isRight = bad < 0 ? dead <= parts : dead === bad;
      if (!isRight) return say('bad-dead-lettered-once');
      return dead + ends > parts ? say('dead-once') : [];
    });
    return [...this.findings, ...late];
  }
}

function openIn({ one, replies, unreadable: dead }: Account): boolean {
  if (one.isQuestion) return !one.isUnasked && replies < 1;
  return dead < one.bad;
}

/** The reader's own, or the broker's. */
function codeOf(headers: Record<string, unknown>): string {
  const code = headers['x-error-code'] ?? headers['x-first-death-reason'];
  return typeof code === 'string' ? code : '';
}

function said(headers: Record<string, unknown>): string {
  const names = [
    'x-error-code',
    'x-error-message',
    'x-handler',
    'x-attempts',
    'x-first-death-reason',
  ];
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, headers[name]])));
}
