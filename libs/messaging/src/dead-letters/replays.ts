import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { asError, MessagingError } from '../errors';
import { serviceDatabase, type Database } from '../outbox/database';
import { seenOf } from '../outbox/inbox';
import { settled } from '../time';
import { ReplayControl, type SentAgain } from './replay-control';
import { ServiceDeadLetters } from './service-dead-letters';
import type { OperationResult, ReplayState, Selection } from './shapes';

type Outcome = ReplayState['messages'][number]['state'];

/** Too many are under way, or its number is not known here. */
export class ReplayRefused extends MessagingError {}

interface Running {
  id: string;
  startedAt: number;
  by: string;
  rate?: number;
  control: ReplayControl;
  ended: Promise<void>;
  result?: OperationResult;
  problem?: string;
  outcomes: Map<SentAgain, Exclude<Outcome, 'waiting'>>;
  lookedAt: number;
  scannedAt: number;
  looking?: Promise<void>;
}

const keptMax = 50;
const runningMax = 4;
const shownMax = 1_000;
const lookEveryMs = 500;
const scanEveryMs = 3_000;
const stopTimeoutMs = 2_000;

/**
 * Replays that go on after the request that began them. They belong to this process: when it ends
 * they stop where they are, and the audit trail has how far they came.
 */
@Injectable()
export class Replays implements BeforeApplicationShutdown {
  private readonly log = new Logger('Messaging');
  private readonly replays = new Map<string, Running>();

  constructor(
    private readonly deadLetters: ServiceDeadLetters,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    const all = [...this.replays.values()];
    for (const { control } of all) control.isStopped = true;
    await settled(Promise.all(all.map(({ ended }) => ended)), stopTimeoutMs);
  }

  /** @throws ReplayRefused too many run */
  begin(
    selection: Selection,
    { rate, content, by }: { rate?: number; content?: Buffer; by: string },
  ): ReplayState {
    const running = [...this.replays.values()].filter((one) => !isOver(one));
    if (running.length >= runningMax) {
      throw new ReplayRefused(`${running.length} replays are under way here; stop one, or wait`);
    }
    const control = new ReplayControl();
    const replay: Running = {
      id: randomUUID(),
      startedAt: Date.now(),
      by,
      rate,
      control,
      ended: Promise.resolve(),
      outcomes: new Map(),
      lookedAt: 0,
      scannedAt: 0,
    };
    this.keep(replay);
    replay.ended = this.run(replay, selection, content);
    return stateOf(replay);
  }

  /** As `find`, newest first. */
  async list(): Promise<ReplayState[]> {
    const all = [...this.replays.values()].reverse();
    await Promise.all(all.map(async (replay) => this.lookIfDue(replay)));
    return all.map(stateOf);
  }

  /** What became of its messages is looked up now. @throws ReplayRefused it is not known */
  async find(id: string): Promise<ReplayState> {
    const replay = this.known(id);
    await this.lookIfDue(replay);
    return stateOf(replay);
  }

  /** @throws ReplayRefused it is not known */
  turn(id: string, to: 'pause' | 'resume' | 'stop'): ReplayState {
    const replay = this.known(id);
    const { control } = replay;
    if (to === 'stop') control.isStopped = true;
    else control.isPaused = to === 'pause';
    return stateOf(replay);
  }

  private known(id: string): Running {
    const replay = this.replays.get(id);
    if (replay === undefined) throw new ReplayRefused(`no replay ${id} in this process`);
    return replay;
  }

  private keep(replay: Running): void {
    this.replays.set(replay.id, replay);
    for (const [id, one] of this.replays) {
      if (this.replays.size <= keptMax) break;
      if (isOver(one)) this.replays.delete(id);
    }
  }

  private async run(replay: Running, selection: Selection, content?: Buffer): Promise<void> {
    const { by, rate, control } = replay;
    try {
      replay.result = await this.deadLetters.use(by, async (deadLetters) =>
        deadLetters.replay(selection, { rate, content, control }),
      );
      const { operation, done, stayed } = replay.result;
      const facts = { operation: 'replay', number: operation, by, done, stayed: stayed.length };
      this.log.log('dead letters replayed', { ...facts, selection });
    } catch (error) {
      replay.problem = asError(error).message;
      this.log.warn('replay failed', { operation: 'replay', by, error: replay.problem });
    }
  }

  private async lookIfDue(replay: Running): Promise<void> {
    if (Date.now() - replay.lookedAt < lookEveryMs) return;
    replay.looking ??= this.look(replay).finally(() => (replay.looking = undefined));
    await replay.looking;
  }

  private async look(replay: Running): Promise<void> {
    replay.lookedAt = Date.now();
    const { outcomes } = replay;
    const open = replay.control.followed.filter((one) => !outcomes.has(one));
    if (open.length === 0 || this.db === undefined) return;
    for (const [queue, some] of byQueue(open)) {
      const ids = some.map(({ sentAs }) => sentAs);
      const seen = await seenOf(this.db, queue, ids);
      for (const one of some) if (seen.has(one.sentAs)) outcomes.set(one, 'handled');
    }
    await this.scan(replay);
  }

  // Reading dead letters holds all of them for a moment: not often, and never beside the replay.
  private async scan(replay: Running): Promise<void> {
    const { outcomes, control } = replay;
    const open = control.followed.filter((one) => !outcomes.has(one));
    const isDue = Date.now() - replay.scannedAt >= scanEveryMs;
    if (open.length === 0 || !isDue || (!isOver(replay) && !control.isPaused)) return;
    replay.scannedAt = Date.now();
    const dead = new Set<string>();
    await this.deadLetters.use('replay', async (deadLetters) => {
      for (const [queue, some] of byQueue(open)) {
        const ids = some.map(({ sentAs }) => sentAs);
        const found = await deadLetters.page({ queue, ids }, undefined, ids.length);
        for (const { id } of found) dead.add(JSON.stringify([queue, id]));
      }
    });
    for (const one of open) {
      const key = JSON.stringify([one.queue, one.sentAs]);
      if (dead.has(key)) outcomes.set(one, 'failed-again');
    }
  }
}

function isOver({ result, problem }: Running): boolean {
  return result !== undefined || problem !== undefined;
}

function byQueue(all: SentAgain[]): Map<string, SentAgain[]> {
  const queues = new Map<string, SentAgain[]>();
  for (const one of all) {
    const some = queues.get(one.queue) ?? [];
    queues.set(one.queue, some);
    some.push(one);
  }
  return queues;
}

function stateOf(replay: Running): ReplayState {
  const { id, startedAt, by, rate, control, outcomes, result, problem } = replay;
  const count = (wanted: Outcome) => [...outcomes.values()].filter((o) => o === wanted).length;
  const [handled, failedAgain] = [count('handled'), count('failed-again')];
  const sent = control.count;
  return {
    id,
    startedAt,
    by,
    state: phaseOf(replay),
    operation: control.operation,
    rate,
    selected: control.selected,
    sent,
    handled,
    failedAgain,
    waiting: sent - handled - failedAgain,
    stayed: result?.stayed ?? [],
    messages: control.followed.slice(0, shownMax).map((one) => {
      const { id: messageId, queue } = one;
      return { id: messageId, queue, state: outcomes.get(one) ?? 'waiting' };
    }),
    problem,
  };
}

function phaseOf({ control, result, problem }: Running): ReplayState['state'] {
  if (problem !== undefined) return 'failed';
  if (result !== undefined) return control.isStopped ? 'stopped' : 'done';
  return control.isPaused ? 'paused' : 'running';
}
