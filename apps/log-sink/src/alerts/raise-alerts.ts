import { Injectable } from '@nestjs/common';
import { type LogEntries, NotifyAlert } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { onceEach, type Received, sendEach } from '@tradepost/messaging';
import { ArrivalsStore } from '../entries/arrivals.store';
import { rowsOf } from '../entries/rows';
import { LogSinkConfig } from '../log-sink.config';
import { type AlertLevel, amongOthers, countsOf, type KindCount, merged } from './alert-rule';
import { AlertRulesStore } from './alert-rules.store';
import { AlertsStore } from './alerts.store';

/** Kinds of a window that are counted apart: a text that varies must not fill the table. */
const kindsMax = 200;

/** Counts lines for the rules of their level, each message once, and raises what is due. */
@Injectable()
export class RaiseAlerts {
  constructor(
    private readonly db: Db,
    private readonly rules: AlertRulesStore,
    private readonly alerts: AlertsStore,
    private readonly arrivals: ArrivalsStore,
    private readonly config: LogSinkConfig,
  ) {}

  async run(level: AlertLevel, batch: Received<LogEntries>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const [fresh, rules] = await Promise.all([onceEach(tx, batch), this.rules.of(tx, level)]);
      await this.arrivals.add(tx, fresh);
      const rows = rowsOf(fresh).filter((row) => row.level === level);
      const counts = await this.bounded(tx, countsOf(rows, rules));
      if (counts.length === 0) return;
      const raised = await this.alerts.add(tx, counts);
      const told = counts.filter(({ id, rule }) => rule.notify && raised.includes(id));
      await this.notify(tx, told);
    });
  }

  /** New kinds of a full window count together. */
  private async bounded(tx: Tx, counts: KindCount[]): Promise<KindCount[]> {
    if (counts.length === 0) return [];
    const windows = [...new Set(counts.map(({ window }) => window))];
    const [known, kinds] = await Promise.all([
      this.alerts.known(
        tx,
        counts.map(({ id }) => id),
      ),
      this.alerts.kinds(tx, windows, kindsMax),
    ]);
    const room = (count: KindCount): boolean => {
      const there = kinds.get(count.window) ?? 0;
      if (known.has(count.id)) return true;
      kinds.set(count.window, there + 1);
      return there < kindsMax;
    };
    return merged(counts.map((count) => (room(count) ? count : amongOthers(count))));
  }

  private async notify(tx: Tx, raised: KindCount[]): Promise<void> {
    if (raised.length === 0 || this.config.ALERT_WEBHOOK_URL === undefined) return;
    const ids = raised.map(({ id }) => id);
    await this.alerts.setNotification(ids, 'pending', tx);
    const bodies = raised.map(({ id: alertId, rule }) => ({ body: { alertId, ruleId: rule.id } }));
    await sendEach(tx, NotifyAlert, bodies);
  }
}
