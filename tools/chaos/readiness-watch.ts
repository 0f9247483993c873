import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '@tradepost/testing';
import type { System } from './system';

/** What is read of it, of a service and of the gateway. */
export interface Readiness {
  status: 'ok' | 'failing';
  checks: object;
  figures?: { outboxLagSeconds: number | null };
}

const everyMs = 500;
const answerMs = 4_000;

/** What every process says of itself when it is asked. */
export class ReadinessWatch {
  private asking?: Promise<boolean>;

  constructor(
    private readonly system: System,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when every process has said that it is ready, asked from now on. */
  async allReady(): Promise<void> {
    // One round for all who wait; but one that began before now may have asked too early.
    await this.asking;
    while (!this.signal.aborted) {
      this.asking ??= this.round().finally(() => (this.asking = undefined));
      if (await this.asking) return;
      await delay(everyMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** @returns the answers of those that answered, by their names */
  async ask(): Promise<Map<string, Readiness>> {
    const answers = new Map<string, Readiness>();
    await Promise.all(
      this.system.replicas.map(async (replica) => {
        const answer = await this.askOne(replica);
        if (answer) answers.set(replica.name, answer);
      }),
    );
    return answers;
  }

  private async round(): Promise<boolean> {
    const { replicas } = this.system;
    const answers = await this.ask();
    return replicas.every(({ name }) => answers.get(name)?.status === 'ok');
  }

  private async askOne(replica: Replica): Promise<Readiness | undefined> {
    try {
      const response = await fetch(`${replica.url}/health/ready`, {
        signal: AbortSignal.timeout(answerMs),
      });
      const answer = (await response.json()) as Readiness;
      if (answer.status === 'ok') this.system.sawReady(replica);
      return answer;
    } catch {
      return undefined;
    }
  }
}
