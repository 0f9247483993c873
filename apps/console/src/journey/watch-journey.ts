import { Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import type { Journey } from '../api/journey';
import { Poller } from '../live/poller';
import type { PageStream } from '../sse/page-stream';
import { buildJourney } from './build-journey';
import { type DeadLettersOfOrder, GatherFacts } from './gather-facts';
import { StepStore } from './step-store';

/** So often at most it is told, and so often at least it is looked whether it has changed. */
const tellEveryMs = 250;
const lookEveryMs = 1_000;
const deadLettersEveryMs = 5_000;
const watchMaxMs = 15 * 60_000;

/** The id of the last event of a journey: who has it need not come again. */
export const endedId = 'ended';

/** A journey as it happens, until nothing of it changes any more. */
@Injectable()
export class WatchJourney {
  constructor(
    private readonly facts: GatherFacts,
    private readonly steps: StepStore,
    private readonly poller: Poller,
  ) {}

  /** @throws Problem 404 for an order that there is not */
  async refuseUnknown(orderId: string): Promise<void> {
    await this.facts.orderOf(orderId);
  }

  async once(orderId: string): Promise<Journey> {
    return buildJourney(await this.facts.run(orderId));
  }

  follow(stream: PageStream, orderId: string): void {
    // Steps are heard while somebody looks at the system, and this is somebody.
    const leave = this.poller.read(() => undefined);
    stream.onClose(leave);
    this.run(stream, orderId).then(
      () => stream.end(),
      () => stream.end(),
    );
  }

  private async run(stream: PageStream, orderId: string): Promise<void> {
    const startedMs = Date.now();
    let told = '';
    let seen = -1;
    let lookedAt = 0;
    let dead: (DeadLettersOfOrder & { at: number }) | undefined;
    while (stream.isOpen && Date.now() - startedMs < watchMaxMs) {
      const now = Date.now();
      if (seen === this.steps.version && now - lookedAt < lookEveryMs) {
        await pause(tellEveryMs);
        continue;
      }
      seen = this.steps.version;
      lookedAt = now;
      const journey = await this.build(orderId, dead);
      if (journey === undefined) {
        await pause(lookEveryMs);
        continue;
      }
      if (!dead || now - dead.at > deadLettersEveryMs) {
        dead = { items: journey.deadLetters, missing: [], at: now };
      }
      const json = JSON.stringify(journey);
      if (
        comparable(journey) !== told &&
        stream.sendText('journey', json, journey.ended ? endedId : undefined)
      ) {
        told = comparable(journey);
      }
      if (journey.ended) return;
      await pause(tellEveryMs);
      if (dead && Date.now() - dead.at > deadLettersEveryMs) dead = undefined;
    }
  }

  /** Undefined while orders does not answer. @throws Problem 404 */
  private async build(orderId: string, dead?: DeadLettersOfOrder): Promise<Journey | undefined> {
    try {
      return buildJourney(await this.facts.run(orderId, dead));
    } catch (error) {
      if (error instanceof Problem && error.details.status === 404) throw error;
      return undefined;
    }
  }
}

/** A sentence says how long something waits: that alone is no news four times a second. */
function comparable(journey: Journey): string {
  const isWaiting = journey.sentence.startsWith('Waits');
  return JSON.stringify(isWaiting ? { ...journey, sentence: '' } : journey);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
