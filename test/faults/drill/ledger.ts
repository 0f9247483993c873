import { Db } from '@tradepost/database';

/** The tables that a drill keeps its accounts in, beside those of the handlers. */

const tables = {
  name: 'drill-tables',
  text: `
  DO $$ BEGIN
    CREATE TABLE drill_sent (job integer NOT NULL, message_id text);
    CREATE TABLE drill_confirmed (message_id text NOT NULL);
    CREATE TABLE drill_effects (job integer NOT NULL);
    CREATE FUNCTION drill_confirm() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO drill_confirmed VALUES (OLD.id::text); RETURN NULL; END';
    CREATE TRIGGER drill_confirm AFTER DELETE ON outbox
      FOR EACH ROW EXECUTE FUNCTION drill_confirm();
  END $$`,
};

const selectSent = { name: 'drill-sent', text: 'SELECT job FROM drill_sent' };

const selectConfirmed = {
  name: 'drill-confirmed',
  text: 'SELECT job FROM drill_sent JOIN drill_confirmed USING (message_id)',
};

const selectReturned = {
  name: 'drill-returned',
  text: `SELECT job FROM drill_sent JOIN outbox ON outbox.id::text = message_id
         WHERE attempts > 0`,
};

const countOutbox = { name: 'drill-outbox', text: 'SELECT count(*) AS jobs FROM outbox' };

const terminate = {
  name: 'drill-terminate',
  text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
};

export class Ledger {
  private constructor(private readonly db: Db) {}

  static async open(url: string): Promise<Ledger> {
    const db = new Db({ url, poolMax: 2 });
    await db.query(tables);
    return new Ledger(db);
  }

  sent = () => this.jobs(selectSent);
  confirmed = () => this.jobs(selectConfirmed);
  returned = () => this.jobs(selectReturned);

  /** @param sql gives the column `job`, a row for each effect */
  async effects(sql: string): Promise<number[]> {
    return this.jobs({ name: 'drill-effects', text: sql });
  }

  async outbox(): Promise<number> {
    const [row] = await this.db.query<{ jobs: number }>(countOutbox);
    return row?.jobs ?? 0;
  }

  /** Ends every other connection to the database. @returns how many */
  async terminateOthers(): Promise<number> {
    return (await this.db.query(terminate)).length;
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  private async jobs(sql: { name: string; text: string }): Promise<number[]> {
    const rows = await this.db.query<{ job: number }>(sql);
    return rows.map(({ job }) => Number(job));
  }
}
