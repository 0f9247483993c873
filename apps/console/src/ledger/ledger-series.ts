import { Injectable } from '@nestjs/common';
import { invalidRequest } from '@tradepost/service';
import type { LedgerSeries } from '../api/ledger';
import { pathWith } from '../upstream/query';
import { Services } from '../upstream/services';

/** Points of a series: each is a question an account. */
const pointsMax = 24;
const accounts = ['receivable', 'revenue', 'refunds', 'cash'];
const dayMs = 86_400_000;
const atOnceMax = 4;

/** The balance of each account at the end of each step of a period, from its statements. */
@Injectable()
export class ReadLedgerSeries {
  constructor(private readonly services: Services) {}

  /** @throws Problem 400 for a period that is none */
  async read(currency: string, from?: string, to?: string): Promise<LedgerSeries> {
    const [start, end] = periodOf(from, to);
    const stepMs = (end - start) / pointsMax;
    const at = Array.from({ length: pointsMax }, (_, step) =>
      Math.round(start + stepMs * (step + 1)),
    );
    const series: Record<string, number[]> = {};
    for (const account of accounts) series[account] = at.map(() => 0);
    const questions = accounts.flatMap((account) => at.map((_, step) => ({ account, step })));
    const worker = async () => {
      for (let next = questions.shift(); next; next = questions.shift()) {
        const { account, step } = next;
        const until = at[step] ?? end;
        const period = { from: Math.round(until - stepMs), to: until };
        const closing = await this.closing(account, currency, period);
        series[account]?.splice(step, 1, closing);
      }
    };
    await Promise.all(Array.from({ length: atOnceMax }, worker));
    return { currency, at, accounts: series };
  }

  private async closing(
    account: string,
    currency: string,
    { from, to }: { from: number; to: number },
  ): Promise<number> {
    const params = new URLSearchParams({
      account,
      currency,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      limit: '1',
    });
    const path = pathWith('/v1/ledger/statement', params);
    return (await this.services.ask<{ closing: number }>('financial', path)).closing;
  }
}

function periodOf(from?: string, to?: string): [start: number, end: number] {
  const end = to === undefined ? Date.now() : Date.parse(to);
  const start = from === undefined ? end - dayMs : Date.parse(from);
  if (end - start >= pointsMax * 1_000) return [start, end];
  throw invalidRequest([{ pointer: '/from', detail: 'must be a time well before to' }]);
}
