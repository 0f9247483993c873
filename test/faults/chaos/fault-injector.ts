import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tradepost/test-kit';
import { seconds } from '../harness/command';
import { linkFault, nodeFault, processFault, serverFault, type Fault } from '../harness/faults';
import type { LinkFault, NodeFault, ProcessFault } from '../harness/faults';
import { probeHoldsMessages } from './probe-report';
import { readinessOf } from './readiness';
import { nameOf, type ScheduledFault, type Target } from './schedule';
import { tapsTo, type System } from './system';

/** A fault as it happened. Times in milliseconds since the load began. */
export interface InjectedFault {
  fault: ScheduledFault;
  beganMs: number;
  /** When its healing began. */
  endedMs?: number;
  /** From then until each process that was hit has been ready again. */
  recoveryMs?: number;
  problem?: string;
}

export interface FaultInjectorOptions {
  system: System;
  targets: readonly Target[];
  clock: () => number;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** So long the first death of the probe waits until the probe holds messages. */
const holdsWithinMs = 60_000;
const holdsEveryMs = 100;
const readyEveryMs = 500;

/** Brings the faults of a schedule about, and takes each away again. */
export class FaultInjector {
  readonly injected: InjectedFault[] = [];
  /** The faults of one target happen one after the other. */
  private readonly turns = new Map<string, Promise<void>>();
  private readonly recoveries: Promise<void>[] = [];
  /** A node of the broker has not come back: another one would be the majority. */
  private isNodeLost = false;

  constructor(private readonly options: FaultInjectorOptions) {}

  /** Resolves when every fault has been healed. */
  async run(schedule: ScheduledFault[]): Promise<void> {
    const { clock, signal } = this.options;
    for (const fault of schedule) {
      await this.pause(fault.atMs - clock());
      if (signal.aborted) break;
      const before = this.turns.get(fault.target) ?? Promise.resolve();
      const turn = before.then(() => this.inject(fault));
      this.turns.set(fault.target, turn);
    }
    await Promise.all(this.turns.values());
  }

  async recovered(): Promise<void> {
    await Promise.all(this.recoveries);
  }

  private async inject(fault: ScheduledFault): Promise<void> {
    const { clock, say, signal, targets } = this.options;
    if (signal.aborted || (fault.target === 'broker' && this.isNodeLost)) return;
    if (fault.target === 'probe' && fault.kind === 'kill') await this.untilProbeHolds();
    const injected: InjectedFault = { fault, beganMs: clock() };
    this.injected.push(injected);
    const act = this.faultOf(fault);
    try {
      if ((await act.inject()) === false) throw new Error('it did not come about');
      say(`${nameOf(fault, targets)}, for ${seconds(fault.forMs)} s`);
      await this.pause(injected.beganMs + fault.forMs - clock());
    } catch (error) {
      injected.problem = `could not inject: ${String(error)}`;
    }
    injected.endedMs = clock();
    await act.heal().catch((error: unknown) => {
      injected.problem = `could not heal: ${String(error)}`;
      this.isNodeLost ||= fault.target === 'broker';
    });
    this.recoveries.push(this.recover(injected));
  }

  /** Its death makes copies only of what it holds. */
  private async untilProbeHolds(): Promise<void> {
    const { system, signal } = this.options;
    const holds = async () => {
      if (!(await probeHoldsMessages(system))) throw new Error('the probe holds nothing');
    };
    const bound = { withinMs: holdsWithinMs, everyMs: holdsEveryMs, signal };
    await eventually(holds, bound).catch(() => undefined);
  }

  private async recover(injected: InjectedFault): Promise<void> {
    const { system, clock, signal } = this.options;
    for (const process of system.processesOf(injected.fault)) {
      while ((await readinessOf(process))?.status !== 'ok') {
        await this.pause(readyEveryMs);
        if (signal.aborted) return;
      }
    }
    injected.recoveryMs = clock() - (injected.endedMs ?? 0);
  }

  private faultOf(scheduled: ScheduledFault): Fault {
    const { target, kind, link, replica = -1 } = scheduled;
    const { system } = this.options;
    const node = target === 'broker' ? system.servers.cluster?.members[replica] : undefined;
    if (node !== undefined) return nodeFault(kind as NodeFault, node);
    if (target === 'broker' || target === 'database') {
      return serverFault(kind as ProcessFault, system.servers[target]);
    }
    const processes = system.processesOf(scheduled);
    if (link === undefined) return processFault(kind as ProcessFault, processes);
    const taps = processes.flatMap((process) => tapsTo(link, process));
    return linkFault(kind as LinkFault, taps);
  }

  private async pause(timeMs: number): Promise<void> {
    const { signal } = this.options;
    await delay(Math.max(0, timeMs), undefined, { signal }).catch(() => undefined);
  }
}
