import { Logger, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { RabbitClient, type ClientOptions } from '@tradepost/messaging/nest';
import { runDrillProcess } from '../drill-process';
import type { Setup } from '../protocol';
import { sendJobs } from '../send-jobs';

/** What the samples of examples/ have in common under drill. */
export interface Sample {
  /** Starts the service as its main does, or as that does after its patch. */
  serve(setup: Setup, database: DynamicModule): Promise<void>;
  /** How the service's orders come. */
  orders(setup: Setup): ClientOptions;
  pattern: string;
}

interface Order {
  orderId: string;
  quantity: number;
}

const enough = 10;

const insertReservation = {
  name: 'drill-insert-reservation',
  text: 'INSERT INTO reservations (job) VALUES ($1) ON CONFLICT DO NOTHING',
};

/** A sample's stock, in PostgreSQL: enough for each order, reserved once however often it comes. */
export function stockIn(db: Db) {
  return {
    async reserve({ orderId, quantity }: Order): Promise<void> {
      await db.transaction(async (tx) => {
        if (quantity > enough) throw new Error('too few');
        await tx.query(insertReservation, [orderId]);
      });
    },
    leftOf: async () => enough,
  };
}

/** @param flow of poison: of more than there are */
export function orderOf(job: number, flow: string): object {
  const quantity = flow === 'poison' ? enough + 1 : 1;
  return { orderId: String(job), sku: 'MUG-BLUE', quantity };
}

/** Only the runtime has this option. */
export function retryOf({ endsSoon }: Setup): { retry?: readonly '1s'[] } {
  return endsSoon ? { retry: ['1s'] } : {};
}

/** Its orders come by an outbox in any case: what is lost is lost by the sample. */
export function runSample({ serve, orders, pattern }: Sample): void {
  let client: RabbitClient;
  const start = async (setup: Setup, database: DynamicModule): Promise<void> => {
    Logger.overrideLogger(['warn', 'error', 'fatal']);
    if (setup.role === 'consumer') return serve(setup, database);
    const app = await NestFactory.createApplicationContext(database);
    client = new RabbitClient({ ...orders(setup), database: app.get(Db) });
    return client.connect();
  };
  runDrillProcess(start, async (db, { flow, jobs }) =>
    sendJobs(db, jobs, (tx, job) => client.emitIn(tx, pattern, orderOf(job, flow))),
  );
}
