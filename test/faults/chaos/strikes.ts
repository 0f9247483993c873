import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess, TcpTap } from '@tradepost/test-kit';
import type { ReadinessWatch } from './readiness-watch';
import { nameOf, type Fault } from './schedule';
import type { System } from './system';
import type { LinkKind, ProcessKind, Target } from './targets';
import { holdsMessages } from './testimony';

/** A fault as it happened. Times in milliseconds since the load began. */
export interface Strike {
  fault: Fault;
  beganMs: number;
  /** When its healing began. */
  endedMs?: number;
  /** From then until each process that was hit has been ready again. */
  recoveryMs?: number;
  /** What could not be done. */
  complaint?: string;
}

export interface StrikesOptions {
  /** Milliseconds since the load began. */
  clock: () => number;
  say: (line: string) => void;
  targets: readonly Target[];
}

interface Act {
  strike(): void | Promise<unknown>;
  heal(): void | Promise<unknown>;
}

const stopMs = 10_000;
/** So long a strike that is to hit someone at work waits for them to be at work. */
const atWorkWithinMs = 60_000;
const atWorkEveryMs = 100;

/** Brings the faults of a schedule about, and takes each away again. */
export class Strikes {
  readonly all: Strike[] = [];
  /** What happens to one target happens one after the other. */
  private readonly turns = new Map<string, Promise<void>>();
  private readonly recoveries: Promise<void>[] = [];

  constructor(
    private readonly system: System,
    private readonly watch: ReadinessWatch,
    private readonly options: StrikesOptions,
    private readonly signal: AbortSignal,
  ) {}

  private readonly clock = () => this.options.clock();

  /** Resolves when every fault has been healed. */
  async play(schedule: Fault[]): Promise<void> {
    for (const fault of schedule) {
      const waitMs = Math.max(0, fault.atMs - this.clock());
      await delay(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
      if (this.signal.aborted) break;
      const before = this.turns.get(fault.target);
      const turn = (before ?? Promise.resolve()).then(() => this.playOne(fault));
      this.turns.set(fault.target, turn);
    }
    await Promise.all(this.turns.values());
  }

  /** Resolves when each fault's recovery has been seen. */
  async recovered(): Promise<void> {
    await Promise.all(this.recoveries);
  }

  private async playOne(fault: Fault): Promise<void> {
    if (this.signal.aborted) return;
    if (fault.target === 'witness' && fault.kind === 'kill') await this.witnessAtWork();
    const strike: Strike = { fault, beganMs: this.clock() };
    this.all.push(strike);
    const act = this.actOf(fault);
    try {
      await act.strike();
      this.options.say(`${nameOf(fault, this.options.targets)}, for ${seconds(fault.forMs)}`);
      const leftMs = Math.max(0, strike.beganMs + fault.forMs - this.clock());
      await delay(leftMs, undefined, { signal: this.signal }).catch(() => undefined);
    } catch (error) {
      strike.complaint = `could not strike: ${String(error)}`;
    }
    strike.endedMs = this.clock();
    try {
      await act.heal();
    } catch (error) {
      strike.complaint = `could not heal: ${String(error)}`;
    }
    this.recoveries.push(this.recover(strike));
  }

  /** Its death makes copies only of what is in its hands. */
  private async witnessAtWork(): Promise<void> {
    const untilMs = this.clock() + atWorkWithinMs;
    while (this.clock() < untilMs && !this.signal.aborted) {
      if (await holdsMessages(this.system).catch(() => false)) return;
      await delay(atWorkEveryMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  private async recover(strike: Strike): Promise<void> {
    await this.watch.eachReady(this.hitBy(strike.fault));
    if (!this.signal.aborted) strike.recoveryMs = this.clock() - (strike.endedMs ?? 0);
  }

  /** A server hits everybody. */
  private hitBy({ target, replica }: Fault): readonly ServiceProcess[] {
    if (target === 'broker' || target === 'database') return this.system.replicas;
    const { all } = this.system.of(target);
    return replica === undefined ? all : all.slice(replica, replica + 1);
  }

  private actOf(fault: Fault): Act {
    const { target, kind, link } = fault;
    if (target === 'broker' || target === 'database') return serverAct(this.system[target], kind);
    const hit = this.hitBy(fault);
    if (kind === 'kill' || kind === 'stop' || kind === 'freeze') return this.processAct(hit, kind);
    return linkAct(
      hit.flatMap(({ links }) => links[link ?? ''] ?? []),
      kind,
    );
  }

  private processAct(hit: readonly ServiceProcess[], kind: ProcessKind): Act {
    if (kind === 'freeze') {
      return {
        strike: () => hit.forEach((replica) => replica.freeze()),
        heal: () => hit.forEach((replica) => replica.thaw()),
      };
    }
    const end = (replica: ServiceProcess) =>
      kind === 'kill' ? replica.kill() : replica.stop({ withinMs: stopMs });
    return {
      strike: () => Promise.all(hit.map(end)),
      heal: () => hit.forEach((replica) => this.system.startAgain(replica)),
    };
  }
}

function serverAct(server: System['broker'] | System['database'], kind: Fault['kind']): Act {
  if (kind === 'freeze') return { strike: () => server.freeze(), heal: () => server.thaw() };
  return {
    strike: () => (kind === 'kill' ? server.kill() : server.halt()),
    heal: () => server.resume(),
  };
}

function linkAct(taps: TcpTap[], kind: LinkKind): Act {
  if (taps.length === 0) throw new Error('it has no such link');
  const each = (act: (tap: TcpTap) => void) => () => taps.forEach(act);
  if (kind === 'cut') return { strike: each((t) => t.sever()), heal: each((t) => t.mend()) };
  if (kind === 'silent') return { strike: each((t) => t.freeze()), heal: each((t) => t.thaw()) };
  return { strike: each((t) => void t.silence()), heal: () => undefined };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
