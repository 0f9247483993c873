import { Module, type DynamicModule } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Command, Known, Sending, Setup } from './protocol';
import { TrappedDb } from './trapped-db';

/** Starts a consumer or a sender; resolves when it is ready. */
export type Start = (setup: Setup, database: DynamicModule) => Promise<void>;

export type Send = (db: Db, sending: Sending, setup: Setup) => Promise<Known>;

/** A consumer or a sender of a drill: starts the library, and serves the drill's commands. */
export function runDrillProcess(start: Start, send: Send): void {
  const setup = JSON.parse(process.env['DRILL'] ?? '{}') as Setup;
  const db = new TrappedDb({ url: setup.databaseUrl, poolMax: 20 });
  @Module({ providers: [{ provide: Db, useValue: db }], exports: [Db] })
  class Database {}
  const ready = start(setup, { module: Database, global: true });
  ready.catch((error: unknown) => {
    // Without its fields, which would be all that its last lines show.
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  });
  const obey = async (command: Command): Promise<unknown> => {
    switch (command.do) {
      case 'report-ready':
        return ready;
      case 'hold':
        return db.hold(command.moment);
      case 'release':
        return db.release();
      case 'slow':
        return void (db.slowMs = command.ms);
      case 'send':
        return send(db, command, setup);
      case 'report-memory':
        return process.memoryUsage.rss();
    }
  };
  process.on('message', ({ id, ...command }: Command & { id: number }) => {
    void obey(command).then((result) => process.send?.({ id, result }));
  });
  // The drill itself is dead.
  process.on('disconnect', () => process.exit(1));
}
