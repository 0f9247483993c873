import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { TimelineEntry } from './order-details';

/** An entry of a timeline with its place in it: 1 is the first. No number is left out. */
export interface Step extends TimelineEntry {
  id: number;
}

/** An order, and the last of its steps that is known already. */
export interface Place {
  orderId: string;
  after: number;
}

type StepRow = Omit<Step, 'at'> & { at: Date };

const findSteps = {
  name: 'orders-find-steps',
  text: `
    SELECT step AS id, state, at, cause FROM order_timeline
     WHERE order_id = $1 AND step >= $2::int ORDER BY step LIMIT $3`,
};

const findNews = {
  name: 'orders-find-news',
  text: `
    SELECT watched.number, step.*
      FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS watched (order_id, after, number)
     CROSS JOIN LATERAL (
       SELECT step AS id, state, at, cause FROM order_timeline
        WHERE order_id = watched.order_id AND step > watched.after ORDER BY step LIMIT $3
     ) AS step
     ORDER BY watched.number, step.id`,
};

@Injectable()
export class TimelineStore {
  constructor(private readonly db: Db) {}

  /** From the step `from` on, at most `limit`. From 1: none for an order that there is not. */
  async steps(orderId: string, from: number, limit: number): Promise<Step[]> {
    const rows = await this.db.query<StepRow>(findSteps, [orderId, from, limit]);
    return rows.map(toStep);
  }

  /** What came after each of the places, in one statement: at most `limit` for each. */
  async news(places: readonly Place[], limit: number): Promise<Step[][]> {
    const values = [places.map(({ orderId }) => orderId), places.map(({ after }) => after), limit];
    const rows = await this.db.query<StepRow & { number: number }>(findNews, values);
    const news: Step[][] = places.map(() => []);
    for (const { number, ...row } of rows) news[number - 1]?.push(toStep(row));
    return news;
  }
}

function toStep(row: StepRow): Step {
  return { ...row, at: row.at.toISOString() };
}
