import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '@tradepost/test-kit';
import type { System } from './system';

/** The part of a service's or the gateway's answer that is read here. */
export interface Readiness {
  status: 'ok' | 'failing';
  checks: object;
  figures?: { outboxLagSeconds: number | null };
}

const everyMs = 500;
const answerMs = 4_000;

/** Asks every process whether it is ready. */
export class ReadinessPoller {
  private asking?: Promise<Map<string, Readiness>>;

  constructor(
    private readonly system: System,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when each of these has answered once that it is ready, asked from now on. */
  async eachReady(processes: readonly ServiceProcess[]): Promise<void> {
    const waiting = new Set(processes);
    // One round for all that wait; but one that began before now may have asked too early.
    await this.asking;
    while (!this.signal.aborted) {
      this.asking ??= this.ask().finally(() => (this.asking = undefined));
      const answers = await this.asking;
      for (const one of waiting) if (answers.get(one.name)?.status === 'ok') waiting.delete(one);
      if (waiting.size === 0) return;
      await delay(everyMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** @returns the answers of those that answered, by their names */
  async ask(): Promise<Map<string, Readiness>> {
    const answers = new Map<string, Readiness>();
    await Promise.all(
      this.system.processes.map(async (process) => {
        const answer = await this.askOne(process);
        if (answer) answers.set(process.name, answer);
      }),
    );
    return answers;
  }

  private async askOne({ url }: ServiceProcess): Promise<Readiness | undefined> {
    try {
      const response = await fetch(`${url}/health/ready`, {
        signal: AbortSignal.timeout(answerMs),
      });
      return (await response.json()) as Readiness;
    } catch {
      return undefined;
    }
  }
}
