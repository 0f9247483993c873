import { Injectable } from '@nestjs/common';
import { ReadLedger } from '../ledger/read-ledger';
import { Services } from '../upstream/services';
import { Probe } from './probe';

const everyMs = 5_000;
const timeoutMs = 3_000;
/** More than these are not counted. */
const alertsMax = 100;

/** What the top line says of the shop: whether its books balance, and who calls for attention. */
@Injectable()
export class ShopFigures {
  readonly balanced: Probe<boolean>;
  readonly alerts: Probe<{ critical: number; warning: number }>;

  constructor(
    ledger: ReadLedger,
    private readonly services: Services,
  ) {
    this.balanced = new Probe(everyMs, () => ledger.isBalanced());
    this.alerts = new Probe(everyMs, () => this.countAlerts());
  }

  async poll(): Promise<void> {
    await Promise.all([this.balanced.poll(), this.alerts.poll()]);
  }

  private async countAlerts(): Promise<{ critical: number; warning: number }> {
    const count = async (level: string): Promise<number> => {
      const path = `/v1/alerts?acknowledged=false&level=${level}&limit=${alertsMax}`;
      const call = { timeoutMs };
      return (await this.services.ask<{ items: unknown[] }>('log-sink', path, call)).items.length;
    };
    const [critical, warning] = await Promise.all([count('critical'), count('warning')]);
    return { critical, warning };
  }
}
