import { Injectable } from '@nestjs/common';
import type { OwnFigures } from '@tradepost/service';
import { ArrivalsStore } from './arrivals.store';

/** For so long it is news that lines are missing. */
const newsMs = 60 * 60_000;

/** Lines that were published and are not here, in the readiness of this service. */
@Injectable()
export class MissingLines implements OwnFigures {
  constructor(private readonly arrivals: ArrivalsStore) {}

  async read(): ReturnType<OwnFigures['read']> {
    const byQueue = new Map<string, { missing: number; isNews: boolean }>();
    for (const { queue, missing, missedAt } of await this.arrivals.list()) {
      const known = byQueue.get(queue) ?? { missing: 0, isNews: false };
      known.missing += missing;
      known.isNews ||= missing > 0 && Date.now() - Number(missedAt) < newsMs;
      byQueue.set(queue, known);
    }
    const all = [...byQueue];
    const news = all.filter(([, { isNews }]) => isNews);
    return {
      figures: { missingLogLines: byQueue.get('logs')?.missing ?? 0 },
      warnings: news.map(([queue, { missing }]) => `${queue}: ${missing} lines have not come`),
    };
  }
}
