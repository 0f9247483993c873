import { Db, type Tx } from '@tradepost/database';

/** What was sent, confirmed and done: tables beside those of the handlers under drill. */

const tables = {
  name: 'drill-tables',
  text: `
  DO $$ BEGIN
    CREATE TABLE drill_sent (job integer NOT NULL, message_id text, place bigserial);
    CREATE TABLE drill_confirmed (message_id text NOT NULL);
    CREATE TABLE drill_effects (job integer NOT NULL, place bigserial);
    CREATE FUNCTION drill_confirm() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO drill_confirmed VALUES (OLD.id::text); RETURN NULL; END';
    CREATE TRIGGER drill_confirm AFTER DELETE ON outbox
      FOR EACH ROW EXECUTE FUNCTION drill_confirm();
  END $$`,
};

const insertSent = {
  name: 'drill-insert-sent',
  text: 'INSERT INTO drill_sent (job, message_id) VALUES ($1, $2)',
};

const insertEffect = {
  name: 'drill-insert-effect',
  text: 'INSERT INTO drill_effects (job) VALUES ($1)',
};

const takeTurns = {
  name: 'drill-take-turns',
  text: `SELECT pg_advisory_xact_lock(hashtext('drill in order'))`,
};

/** As who changes what a key stands for: so its messages have an order. */
export async function inTurn(tx: Tx): Promise<void> {
  await tx.query(takeTurns);
}

export async function addSent(tx: Tx, job: number, messageId?: string): Promise<void> {
  await tx.query(insertSent, [job, messageId]);
}

/** What a handler under drill does with a job. */
export async function doJob(
  tx: Tx,
  { job, poison }: { job: number; poison?: boolean },
): Promise<void> {
  if (poison) throw new Error('poison');
  await tx.query(insertEffect, [job]);
}

const sent = 'SELECT job FROM drill_sent ORDER BY place';
const held = 'SELECT count(*) AS job FROM held_messages';
const confirmed = 'SELECT job FROM drill_sent JOIN drill_confirmed USING (message_id)';
const returned = `SELECT job FROM drill_sent JOIN outbox ON outbox.id::text = message_id
                  WHERE attempts > 0`;
const waiting = 'SELECT count(*) AS job FROM outbox';
const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()`;

export class EffectLog {
  private constructor(
    private readonly db: Db,
    private readonly effectsSql: string,
  ) {}

  /** @param effectsSql gives the column `job`, a row for each effect */
  static async open(url: string, effectsSql: string): Promise<EffectLog> {
    const db = new Db({ url, poolMax: 2 });
    await db.query(tables);
    return new EffectLog(db, effectsSql);
  }

  sent = () => this.jobs('sent', sent);
  confirmed = () => this.jobs('confirmed', confirmed);
  /** Still in the outbox after the broker returned them at least once. */
  returned = () => this.jobs('returned', returned);
  effects = () => this.jobs('effects', this.effectsSql);

  async count(): Promise<number> {
    const counting = `SELECT count(*) AS job FROM (${this.effectsSql}) AS effects`;
    return (await this.jobs('count', counting))[0] ?? 0;
  }

  async outbox(): Promise<number> {
    return (await this.jobs('waiting', waiting))[0] ?? 0;
  }

  /** What waits in the database for one of its key. */
  async held(): Promise<number> {
    return (await this.jobs('held', held))[0] ?? 0;
  }

  /** Ends every other connection to the database. @returns how many */
  async terminateOthers(): Promise<number> {
    return (await this.db.query({ name: 'drill-terminate', text: terminate })).length;
  }

  close = () => this.db.close();

  private async jobs(name: string, text: string): Promise<number[]> {
    const rows = await this.db.query<{ job: number }>({ name: `drill-${name}`, text });
    return rows.map(({ job }) => Number(job));
  }
}
