import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, TcpTap, TestBroker, type TestDatabase } from '@tradepost/test-kit';
import { accountsOf, type Accounts } from './accounts';
import { Ledger } from './ledger';
import { Member } from './member';
import type { FlowName, Setup } from './protocol';
import type { Servers } from './servers';
import { flowOf, queueOf, type Side } from './side';

const pollMs = 250;
const tiers = ['retry.1s', 'retry.5s', 'retry.30s'];

/**
 * What one drill plays in: a virtual host and a database of its own on the drill's servers, a
 * consumer and a sender as processes, and the accounts. Every process reaches the broker through
 * a tap, so that its links can be cut or silenced.
 */
export class Scene {
  readonly consumers: Member[] = [];
  sender!: Member;
  readonly queue: string;
  /** What else a drill has found wrong. */
  readonly complaints: string[] = [];
  /** Worth telling, good or bad. */
  readonly notes: string[] = [];
  private readonly gone: Member[] = [];
  private readonly sentByWord = new Set<number>();
  private readonly confirmedByWord = new Set<number>();
  private anonymous = 0;
  private faults = 0;
  private crashes = 0;
  private nextJob = 1;
  private closing = false;

  private constructor(
    readonly servers: Servers,
    readonly side: Side,
    readonly flow: FlowName,
    readonly wire: TestBroker,
    readonly tap: TcpTap,
    readonly ledger: Ledger,
    private readonly database: TestDatabase,
  ) {
    this.queue = queueOf(side, flow);
  }

  static async open(servers: Servers, side: Side, flow: FlowName): Promise<Scene> {
    const { url: amqpUrl, managementUrl } = servers.broker;
    const wire = await TestBroker.create({ amqpUrl, managementUrl });
    const tap = await TcpTap.open(wire.amqpUrl);
    const { migrations } = side.subject;
    const database = await createTestDatabase(undefined, servers.database.url, migrations);
    const ledger = await Ledger.open(database.url);
    const scene = new Scene(servers, side, flow, wire, tap, ledger, database);
    scene.sender = scene.start('sender');
    await Promise.all([scene.addConsumer(), scene.sender.ready()]);
    return scene;
  }

  get consumer(): Member {
    const [first] = this.consumers;
    if (first === undefined) throw new Error('no consumer runs');
    return first;
  }

  async addConsumer(): Promise<Member> {
    const member = this.start('consumer');
    this.consumers.push(member);
    await member.ready();
    return member;
  }

  /** A new process in the place of one that was ended. */
  async restartConsumer(): Promise<void> {
    const [old] = this.consumers.splice(0, 1);
    await old?.exited;
    await this.addConsumer();
  }

  async restartSender(): Promise<void> {
    await this.sender.exited;
    this.sender = this.start('sender');
    await this.sender.ready();
  }

  /** The exchange behind the flow. @throws for a flow that has none */
  get exchange(): string {
    if (this.side.name === 'golevelup') return 'drill';
    const { route } = flowOf(this.side.subject, this.flow).contract;
    if (route.kind !== 'fanout') throw new Error('this flow goes through no exchange');
    return route.exchange;
  }

  body(job: number): object {
    return flowOf(this.side.subject, this.flow).body(job);
  }

  /** Says that the fault was there; a drill without one has failed. */
  fault(count = 1): void {
    this.faults += count;
  }

  /** Publishes through the side's own way. Resolves when each was answered, yes or no. */
  async send(count: number): Promise<void> {
    const jobs = Array.from({ length: count }, (_, i) => this.nextJob + i);
    this.nextJob += count;
    for (const job of await this.sender.send({ flow: this.flow, jobs })) {
      this.confirmedByWord.add(job);
    }
  }

  /** Publishes `perSecond` until `until` has settled. */
  async underLoad(until: () => Promise<unknown>, perSecond = 200): Promise<void> {
    const sending: Promise<void>[] = [];
    const timer = setInterval(() => sending.push(this.send(perSecond / 10)), 100);
    try {
      await until();
    } finally {
      clearInterval(timer);
    }
    await Promise.all(sending);
  }

  /** A valid job as any client may send it, with fields that we know nothing of. */
  async wireJob(extra: object): Promise<void> {
    const job = this.nextJob;
    this.nextJob += 1;
    const body = { ...this.body(job), ...extra };
    await this.wire.sendToQueue(this.queue, this.side.wire(body));
    this.sentByWord.add(job);
    this.confirmedByWord.add(job);
  }

  /** Something that no handler can take. */
  async wireNonsense(content: unknown): Promise<void> {
    await this.wire.sendToQueue(this.queue, content);
    this.anonymous += 1;
  }

  /** Resolves when all is done that was sent, or when nothing has moved for `patienceMs`. */
  async settle(patienceMs: number): Promise<void> {
    let last = '';
    let calm = 0;
    let movedAt = Date.now();
    while (Date.now() - movedAt < patienceMs) {
      const [done, sent, outbox] = await Promise.all([
        this.effects(),
        this.ledger.sent(),
        this.ledger.outbox(),
      ]);
      const dead = (await this.wire.deadLetters(this.queue)).length;
      const wanted = sent.length + this.sentByWord.size + this.anonymous;
      const left = await this.left();
      calm = outbox + left === 0 && new Set(done).size + dead >= wanted ? calm + 1 : 0;
      // Twice: copies that a link took with it may be on their way back.
      if (calm === 2) return;
      const now = `${done.length} ${dead} ${outbox}`;
      if (now !== last) movedAt = Date.now();
      last = now;
      await delay(pollMs);
    }
  }

  /** Ends the processes and counts. */
  async end(): Promise<Accounts> {
    this.closing = true;
    const running = [this.sender, ...this.consumers];
    await Promise.all(running.map((member) => member.stop()));
    // Unacked messages are back in their queue when the link of who held them is closed.
    await delay(500);
    const [sent, confirmed, returned] = await Promise.all([
      this.ledger.sent(),
      this.ledger.confirmed(),
      this.ledger.returned(),
    ]);
    return accountsOf({
      sent: new Set([...sent, ...this.sentByWord]),
      confirmedJobs: new Set([...confirmed, ...this.confirmedByWord]),
      returnedJobs: new Set(returned),
      anonymous: this.anonymous,
      effects: await this.effects(),
      dead: (await this.wire.deadLetters(this.queue)).length,
      left: await this.left(),
      faults: this.faults,
      crashes: this.crashes,
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([this.sender, ...this.consumers].map((member) => member.kill()));
    await this.tap.close();
    await this.ledger.close();
    await this.wire.close();
    await this.database.drop();
  }

  /** The last lines that the processes wrote, for a drill that failed. */
  lines(): string[] {
    const all = [this.sender, ...this.consumers, ...this.gone];
    return all.flatMap(({ lines }) => lines.slice(-15));
  }

  async effects(): Promise<number[]> {
    return this.ledger.effects(flowOf(this.side.subject, this.flow).effects);
  }

  private async left(): Promise<number> {
    const depths = [this.queue, ...tiers].map((queue) => this.wire.depth(queue).catch(() => 0));
    return (await Promise.all(depths)).reduce((sum, depth) => sum + depth, 0);
  }

  private start(role: Setup['role']): Member {
    const member = new Member(this.side.program, {
      role,
      amqpUrl: this.tap.url,
      databaseUrl: this.database.url,
      module: this.side.module,
    });
    void member.exited.then(() => this.ended(role, member));
    return member;
  }

  // A process that ends by itself is started again, as any supervisor would, and counted.
  private ended(role: Setup['role'], member: Member): void {
    this.gone.push(member);
    if (this.closing || member.expected) return;
    this.crashes += 1;
    const index = this.consumers.indexOf(member);
    if (role === 'sender') this.sender = this.start(role);
    else if (index >= 0) this.consumers[index] = this.start(role);
  }
}
