import { setTimeout as delay } from 'node:timers/promises';
import { eventually, ServiceProcess, type TcpTap, type TestBroker } from '@tradepost/test-kit';
import type { Cluster } from '@tradepost/test-kit';
import { Closers } from '../harness/closers';
import type { Fault } from '../harness/faults';
import type { Servers } from '../harness/servers';

import { accountsOf, disorder, type Accounts } from './accounts';
import type { EffectLog } from './effect-log';
import type { DrillFlow } from './drill-subject';
import { openGround, type Ground } from './ground';
import { leftIn } from './left';
import { sender, type Library } from './library';
import { ask, type FlowName, type Known, type Moment, type Setup } from './protocol';
import { untilCalm } from './until-calm';
import { lackedIn } from './users';

interface Flow {
  name: FlowName;
  drilled: DrillFlow;
  /** Dead letters are awaited. */
  endsSoon: boolean;
  /** Of a role that may create databases. */
  databaseUrl: string;
}

const readyMs = 60_000;
const readyIn = { withinMs: readyMs };
const sendMs = 180_000;
const loadEveryMs = 100;
const linesShown = 15;

/** One drill's virtual host, database, accounts and processes, which reach the broker by a tap. */
export class DrillContext {
  readonly consumers: ServiceProcess[] = [];
  private readonly processes: ServiceProcess[] = [];
  sender!: ServiceProcess;
  readonly queue: string;
  /** What else a drill has found wrong. */
  readonly violations: string[] = [];
  readonly notes: string[];
  /** Jobs that a plain client published. */
  private readonly published = new Set<number>();
  /** Jobs whose sending the library has confirmed. */
  private readonly confirmed = new Set<number>();
  /** Jobs whose sender was told that they are committed. */
  private readonly committed = new Set<number>();
  private anonymous = 0;
  private faults = 0;
  private crashes = 0;
  /** The number of the last job. */
  jobs = 0;

  private constructor(
    readonly servers: Servers,
    readonly library: Library,
    private readonly flow: Flow,
    private readonly ground: Ground,
    private readonly closers: Closers,
  ) {
    this.notes = ground.notes;
    const { route } = flow.drilled.contract;
    this.queue =
      route.kind === 'work' ? route.queue : `${library.subject.service}.${route.exchange}`;
  }

  static async open(servers: Servers, library: Library, flow: Flow): Promise<DrillContext> {
    const closers = new Closers();
    let context: DrillContext | undefined;
    try {
      const ground = await openGround(servers, library, flow, closers);
      context = new DrillContext(servers, library, flow, ground, closers);
      await context.begin();
      return context;
    } catch (error) {
      const lines = context?.lastLines().join('\n') ?? '';
      await closers.close().catch(() => undefined);
      throw new Error(`${library.name} did not start: ${String(error)}\n${lines}`, {
        cause: error,
      });
    }
  }

  get client(): TestBroker {
    return this.ground.client;
  }

  get tap(): TcpTap {
    return this.ground.tap;
  }

  get log(): EffectLog {
    return this.ground.log;
  }

  /** @throws in a drill that has a single broker */
  get cluster(): Cluster {
    const { cluster } = this.servers;
    if (cluster === undefined) throw new Error('there is no cluster: --cluster');
    return cluster;
  }

  get vhost(): string {
    return new URL(this.client.amqpUrl).pathname.slice(1);
  }

  get consumer(): ServiceProcess {
    const [first] = this.consumers;
    if (first === undefined) throw new Error('there is no consumer');
    return first;
  }

  /** What an operator does when a part of it is gone: in strict mode services declare nothing. */
  async applyTopology(): Promise<void> {
    await this.ground.users?.apply();
  }

  private async begin(): Promise<void> {
    this.sender = await this.makeProcess('sender');
    await this.applyTopology();
    await Promise.all([this.addConsumer(), this.start(this.sender)]);
  }

  async addConsumer(): Promise<void> {
    const consumer = await this.makeProcess('consumer');
    this.consumers.push(consumer);
    await this.start(consumer);
  }

  async start(process: ServiceProcess): Promise<void> {
    process.start();
    await ask(process, { do: 'report-ready' }, readyMs);
    // Some libraries are ready before their queue is.
    if (process !== this.sender) await eventually(() => this.client.depth(this.queue), readyIn);
  }

  /** The exchange behind the flow. @throws for a flow that has none */
  get exchange(): string {
    if (this.library.exchange !== undefined) return this.library.exchange;
    const { route } = this.flow.drilled.contract;
    if (route.kind !== 'fanout') throw new Error('this flow goes through no exchange');
    return route.exchange;
  }

  /** Counts faults that happened; a drill without one has failed. */
  fault(count = 1): void {
    this.faults += count;
  }

  async inject(fault: Fault, forMs: number): Promise<void> {
    if ((await fault.inject()) !== false) this.fault();
    await delay(forMs);
    await fault.heal();
  }

  /** Sends, kills the process while a transaction of it is at that moment, and starts it again. */
  async killAt(moment: Moment, process: ServiceProcess, count: number): Promise<void> {
    const held = ask(process, { do: 'hold', moment });
    const sending = this.send(count);
    await held;
    await process.kill();
    this.fault();
    await this.start(process);
    await sending;
  }

  body(job: number): object {
    return this.flow.drilled.body(job);
  }

  /** Publishes the library's own way. Resolves when each is confirmed, or is not. */
  async send(count: number): Promise<void> {
    const jobs = Array.from({ length: count }, (_, i) => this.jobs + 1 + i);
    this.jobs += count;
    const sending = ask<Known>(this.sender, { do: 'send', flow: this.flow.name, jobs }, sendMs);
    const known = await sending.catch(() => undefined);
    for (const job of known?.confirmed ?? []) this.confirmed.add(job);
    for (const job of known?.committed ?? []) this.committed.add(job);
  }

  async underLoad(until: () => Promise<unknown>, perSecond = 200): Promise<void> {
    const count = (perSecond * loadEveryMs) / 1_000;
    const sending: Promise<void>[] = [];
    const timer = setInterval(() => sending.push(this.send(count)), loadEveryMs);
    try {
      await until();
    } finally {
      clearInterval(timer);
    }
    await Promise.all(sending);
  }

  /** A valid job as any client may publish it, with fields that are not in the contract. */
  async publishJob(extra: object): Promise<void> {
    this.jobs += 1;
    const body = { ...this.body(this.jobs), ...extra };
    await this.client.sendToQueue(this.queue, this.library.encode(body));
    this.published.add(this.jobs);
    this.confirmed.add(this.jobs);
  }

  /** Something that no handler can take. */
  async publishNonsense(content: unknown): Promise<void> {
    await this.client.sendToQueue(this.queue, content);
    this.anonymous += 1;
    this.fault();
  }

  /** Resolves when all is done that was sent, or when nothing has moved for `quietMs`. */
  async settle(quietMs: number): Promise<void> {
    await untilCalm(quietMs, async () => {
      const [done, sent, outbox, dead, left] = await Promise.all([
        this.log.effects(),
        this.log.sent(),
        this.log.outbox(),
        this.dead(),
        this.left(),
      ]);
      const wanted = sent.length + this.published.size + this.anonymous;
      const isDone = outbox + left === 0 && new Set(done).size + dead >= wanted;
      return { isDone, now: `${done.length} ${dead} ${outbox}` };
    });
  }

  /** Ends the processes and counts. */
  async end(): Promise<Accounts> {
    await Promise.all(this.processes.map((process) => process.stop()));
    // Unacked messages are back in their queue when their links are closed.
    await delay(500);
    const { log, anonymous, faults, crashes, client, committed } = this;
    const { listener } = this.library;
    const { keyOf } = this.flow.drilled;
    const sent = await log.sent();
    if (keyOf) this.violations.push(...disorder(sent, await log.effects(), keyOf));
    return accountsOf({
      sent: new Set([...sent, ...this.published]),
      confirmed: new Set([...(await log.confirmed()), ...this.confirmed]),
      returned: new Set(await log.returned()),
      effects: (await listener?.heard(client)) ?? (await log.effects()),
      dead: await this.dead(),
      left: await this.left(),
      ...{ anonymous, faults, crashes, committed },
    });
  }

  async close(): Promise<void> {
    await this.closers.close();
  }

  /** What the broker has refused to a process: `write on exchange "job-done"`. */
  lackedRights(): string[] {
    return lackedIn(this.processes.flatMap(({ lines }) => lines));
  }

  lastLines(): string[] {
    return this.processes.flatMap(({ lines }) => lines.slice(-linesShown));
  }

  private async dead(): Promise<number> {
    return (await this.client.deadLetters(this.queue)).length;
  }

  private async left(): Promise<number> {
    const isKeyed = this.flow.drilled.keyOf !== undefined;
    const left = await leftIn(this.client, this.queue, this.library, isKeyed);
    return left + (isKeyed ? await this.log.held() : 0);
  }

  private async makeProcess(role: Setup['role']): Promise<ServiceProcess> {
    const { program: main, module, onRuntime, mode, subject } = this.library;
    const { tap, users, database } = this.ground;
    const party = role === 'sender' ? sender : subject.service;
    const { cluster } = this.servers;
    const way = users?.urlOf(party, tap.url) ?? tap.url;
    const amqpUrl = cluster?.spread(way) ?? way;
    const queueReplicas = cluster?.members.length;
    const urls = { amqpUrl, databaseUrl: database.url };
    const own = { role, onRuntime, module, mode, queueReplicas };
    const setup: Setup = { ...own, ...urls, endsSoon: this.flow.endsSoon };
    const env = { ...process.env, DRILL: JSON.stringify(setup), NO_COLOR: '1' };
    const created = await ServiceProcess.create({ app: role, main, env });
    // As any supervisor does.
    this.processes.push(this.closers.add(created, (one) => one.kill()));
    created.onCrash = () => {
      this.crashes += 1;
      created.start();
    };
    return created;
  }
}
