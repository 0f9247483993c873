import { type BulkClient, eventually } from '@tradepost/test-kit';
import { services } from '../../../apps/services';
import { finding, type Finding } from '../finding';
import type { System } from '../system';
import { Accounts, outside, type MessageCounts } from './accounts';
import { caseHeader, messageCase, type Makings } from './case';

const tiers = ['1s', '5s', '30s', '2m', '10m'];
/** So many may wait in the services' queues: more are not sent before some are done. */
const burst = 2_000;
const settleMs = 60_000;
const everyMs = 100;
const shownMax = 800;

export interface MessageRun extends MessageCounts {
  seconds: number;
  findings: Finding[];
}

interface HandlerState {
  queue: string;
  handled: number;
  deadLettered: number;
}

/** Publishes the messages with these numbers, and sees what becomes of each. */
export class MessagePhase {
  readonly accounts = new Accounts();
  private replyTo = '';
  private before = new Map<string, number>();

  private constructor(
    private readonly client: BulkClient,
    private readonly system: System,
    private readonly makings: Makings,
  ) {}

  static async open(client: BulkClient, system: System, makings: Makings): Promise<MessagePhase> {
    const phase = new MessagePhase(client, system, makings);
    phase.replyTo = await client.hearReplies('fuzz', (reply) => phase.accounts.replied(reply));
    for (const { queue, isQuestion } of makings.inlets) {
      if (isQuestion) continue;
      await client.take(`${queue}.dead`, (message) => phase.accounts.died(queue, message));
    }
    phase.before = await phase.handled();
    return phase;
  }

  /** Resolves when each of them has come to its end, or to a standstill. */
  async run(numbers: readonly number[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < numbers.length; from += burst) {
      signal.throwIfAborted();
      this.accounts.beginBurst();
      for (const number of numbers.slice(from, from + burst)) await this.send(number);
      await this.client.confirmed();
      await this.done(signal);
    }
  }

  async close(): Promise<Finding[]> {
    const left = await this.left();
    const { returned } = this.client;
    if (returned > 0) left.push(finding('broker', 'routed', `${returned} messages came back`));
    return [...left, ...this.accounts.close()].map((one) => this.withSent(one));
  }

  /** With what the case was. */
  private withSent(one: Finding): Finding {
    const [, number] = /^message:(\d+)$/.exec(one.at) ?? [];
    if (number === undefined) return one;
    const { properties, content } = messageCase(Number(number), this.makings);
    const sent = `${JSON.stringify(properties)} ${content.toString('latin1')}`;
    return { ...one, detail: `${one.detail}\nsent ${sent.slice(0, shownMax)}` };
  }

  private async send(number: number): Promise<void> {
    const one = messageCase(number, this.makings);
    this.accounts.open(one);
    const { inlet, properties, content } = one;
    const asked = inlet.isQuestion && { replyTo: this.replyTo, correlationId: `${number}` };
    // To the queue itself, as a user who may: it is its reader that is tried.
    await this.client.publish(inlet.queue, content, { ...properties, ...asked });
  }

  private async done(signal: AbortSignal): Promise<void> {
    const probe = async () => {
      const open = await this.open();
      if (open !== undefined) throw new Error(open);
    };
    const options = { withinMs: settleMs, everyMs, signal };
    try {
      await eventually(probe, options);
    } catch (error) {
      signal.throwIfAborted();
      this.accounts.findings.push(finding('services', 'no-standstill', String(error)));
      await this.writeOff();
    }
  }

  /** What is not done yet. */
  private async open(): Promise<string | undefined> {
    if (!this.accounts.isDone) return 'bad messages are not dead letters yet';
    const handled = await this.handled();
    for (const { queue, isQuestion } of this.makings.inlets) {
      const ended = (handled.get(queue) ?? 0) - (this.before.get(queue) ?? 0);
      const sent = this.accounts.sent.get(queue) ?? 0;
      if (!isQuestion && ended < sent) return `${queue}: ${ended} of ${sent} messages are done`;
    }
    return undefined;
  }

  /** It is told once. */
  private async writeOff(): Promise<void> {
    const handled = await this.handled();
    for (const [queue, sent] of this.accounts.sent) {
      this.before.set(queue, (handled.get(queue) ?? 0) - sent);
    }
  }

  /** By queue, what its handler has done with and what is a dead letter. */
  private async handled(): Promise<Map<string, number>> {
    const all = services.map(async (service) => {
      const { handlers } = await this.system.call<{ handlers: HandlerState[] }>(
        service,
        '/ops/service',
      );
      return handlers.map(
        ({ queue, handled, deadLettered }) => [queue, handled + deadLettered] as const,
      );
    });
    return new Map((await Promise.all(all)).flat());
  }

  /** In the queues, and in the tiers beside what waits for others than the shop. */
  private async left(): Promise<Finding[]> {
    const found: Finding[] = [];
    for (const name of this.tierQueues()) {
      for (const { properties } of await this.client.peek(name, 1_000)) {
        const { headers = {} } = properties;
        const number = headers[caseHeader] as string | undefined;
        const code = String(headers['x-error-code']);
        if (number === undefined && outside.has(code)) continue;
        const at = number === undefined ? name : `message:${number}`;
        found.push(finding(at, 'nothing-left', `${name}: ${code}: ${headers['x-error-message']}`));
      }
    }
    return found;
  }

  private tierQueues(): string[] {
    return ['retry', ...services.map((name) => `${name}.retry`)].flatMap((prefix) =>
      tiers.map((tier) => `${prefix}.${tier}`),
    );
  }
}
