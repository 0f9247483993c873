import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Order, Setup, Told, Trap } from './protocol';

const linesMax = 200;
const readyMs = 60_000;
const stopMs = 15_000;
let orders = 0;

/** A process of the drill, from outside. */
export class Member {
  readonly lines: string[] = [];
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<string>;
  /** Set while an end of it is our doing. */
  expected = false;
  private readonly child: ChildProcess;
  private readonly listeners = new Set<(told: Told) => void>();

  constructor(program: string, setup: Setup) {
    this.child = fork(program, {
      env: { ...process.env, DRILL: JSON.stringify(setup), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > linesMax) this.lines.shift();
      });
    }
    this.child.on('message', (told) => {
      for (const listener of this.listeners) listener(told as Told);
    });
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  async ready(): Promise<void> {
    await this.heard((told) => told.saw === 'ready', readyMs);
  }

  order(order: Order): void {
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  /** Sets the trap. @returns resolves when it has snapped */
  trap(trap: Trap): { snapped: Promise<void> } {
    const heard = this.heard((told) => told.saw === 'trapped', readyMs);
    if (trap.then === 'kill') this.expected = true;
    this.order({ do: 'arm', trap });
    return { snapped: heard.then(() => undefined) };
  }

  /** @returns the jobs that were answered by yes; none when the process died meanwhile */
  async send(order: Omit<Order & { do: 'send' }, 'do' | 'id'>): Promise<number[]> {
    orders += 1;
    const id = orders;
    const answer = this.heard((told) => told.saw === 'sent' && told.id === id, 180_000);
    this.order({ do: 'send', id, ...order });
    const told = await Promise.race([answer.catch(() => undefined), this.exited]);
    return typeof told === 'object' && told.saw === 'sent' ? told.confirmed : [];
  }

  /** @returns resident bytes */
  async memory(): Promise<number> {
    orders += 1;
    const id = orders;
    const answer = this.heard((told) => told.saw === 'memory' && told.id === id, 10_000);
    this.order({ do: 'memory', id });
    const told = await answer;
    return told.saw === 'memory' ? told.rss : 0;
  }

  async kill(): Promise<void> {
    this.expected = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM; SIGKILL when that takes too long. @returns how it ended */
  async stop(): Promise<string> {
    this.expected = true;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopMs);
    return this.exited.finally(() => clearTimeout(timer));
  }

  private heard(wanted: (told: Told) => boolean, withinMs: number): Promise<Told> {
    const answer = new Promise<Told>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        settle();
      };
      const listener = (told: Told) => {
        if (wanted(told)) end(() => resolve(told));
      };
      const late = () => reject(new Error(`nothing heard within ${withinMs} ms`));
      const timer = setTimeout(() => end(late), withinMs);
      this.listeners.add(listener);
      void this.exited.then((how) => end(() => reject(new Error(`ended: ${how}`))));
    });
    answer.catch(() => undefined);
    return answer;
  }
}
