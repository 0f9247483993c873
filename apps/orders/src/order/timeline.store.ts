import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { TimelineEntry } from './order-details';

/** An entry of a timeline with its number, from 1 on without gaps. */
export interface Step extends TimelineEntry {
  id: number;
}

/** An order, and the last of its steps that is known already. */
export interface TimelinePosition {
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

const findNextSteps = {
  name: 'orders-find-next-steps',
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

  /** From the step `from` on, at most `limit`. From 1: none for an unknown order. */
  async steps(orderId: string, from: number, limit: number): Promise<Step[]> {
    const rows = await this.db.query<StepRow>(findSteps, [orderId, from, limit]);
    return rows.map(toStep);
  }

  /** The steps after each position, in one statement: at most `limit` for each. */
  async next(positions: readonly TimelinePosition[], limit: number): Promise<Step[][]> {
    const orderIds = positions.map(({ orderId }) => orderId);
    const values = [orderIds, positions.map(({ after }) => after), limit];
    const rows = await this.db.query<StepRow & { number: number }>(findNextSteps, values);
    const steps: Step[][] = positions.map(() => []);
    for (const { number, ...row } of rows) steps[number - 1]?.push(toStep(row));
    return steps;
  }
}

function toStep(row: StepRow): Step {
  return { ...row, at: row.at.toISOString() };
}
