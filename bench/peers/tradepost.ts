import {
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db, GroupCommit } from '@tradepost/database';
import { MessagingHealth, MessagingModule, Messages, sendEach } from '@tradepost/messaging';
import { eventually } from '@tradepost/messaging/testing';
// The way of a message from the outbox to the broker: applications go it by `send` alone.
import { encodeBody } from '../../libs/messaging/src/body';
import { newEnvelope, toProperties } from '../../libs/messaging/src/envelope';
import { Runtime } from '../../libs/messaging/src/runtime';
import { Sale, SaleInOneOrder, SaleInOrder, SaleOfBatch } from '../messages/sale';
import { GetCustomer, GetCustomerOfBatch } from '../rpc/customer';
import { window, type Peer, type Setup } from './peer';
import { GetCustomerRpc, GetCustomersRpc } from './tradepost.rpc';
import { TakeSalesInOrderWork, TakeSalesOneByOneWork } from './tradepost.work';
import { TakeSalesWork, TakeSaleWork, takeWith } from './tradepost.work';

/** libs/messaging in a Nest application, as the services of the shop have it. */

/** As POSTGRES_POOL_MAX of a service. */
const poolMax = 10;

async function start(
  { amqpUrl }: Setup,
  providers: Type[],
  db?: Db,
): Promise<INestApplicationContext> {
  @Module({ providers: [{ provide: Db, useValue: db }], exports: [Db] })
  class Database {}
  const database = db === undefined ? {} : { database: Db, imports: [Database] };
  const options = { service: 'bench', amqpUrl, prefetch: window, ...database };
  const root: DynamicModule = {
    module: class Root {},
    imports: [MessagingModule.forRoot(options)],
    providers,
  };
  const app = await NestFactory.createApplicationContext(root, { logger: ['warn', 'error'] });
  const health = app.get(MessagingHealth);
  await eventually(async () => {
    const { ok, problems } = await health.check();
    if (!ok) throw new Error(problems.join(', '));
  });
  return app;
}

/** Checked, with its envelope, mandatory and persistent; confirmed. What the outbox adds is not. */
function publisherOf(contract: typeof Sale): Peer['publisher'] {
  return async (setup) => {
    const { publisher } = (await start(setup, [])).get(Runtime);
    const target = { exchange: '', routingKey: contract.route.queue };
    return async (sale) => {
      const content = Buffer.from(encodeBody(contract, sale));
      const envelope = newEnvelope(contract.name);
      await publisher.publish(target, content, toProperties(envelope, 'bench'));
    };
  };
}

/** Resolves when the sale is committed: from then on it is published, whatever dies. */
function outboxPublisherOf(contract: typeof Sale): Peer['publisher'] {
  return async (setup) => {
    const db = databaseOf(setup);
    await start(setup, [], db);
    const sales = new GroupCommit<Sale, undefined>(db, async (tx, batch) => {
      const items = batch.map((body) => ({ body }));
      await sendEach(tx, contract, items);
      return batch.map(() => undefined);
    });
    return (sale) => sales.add(sale);
  };
}

function databaseOf({ postgresUrl }: Setup): Db {
  if (postgresUrl === undefined) throw new Error('the outbox needs a database');
  return new Db({ url: postgresUrl, poolMax });
}

function consumerOf(handler: Type, withDatabase = false): Peer['consumer'] {
  return async (setup, handled) => {
    takeWith(handled);
    await start(setup, [handler], withDatabase ? databaseOf(setup) : undefined);
  };
}

function serverOf(handler: Type): Peer['server'] {
  return async (setup) => void (await start(setup, [handler]));
}

function callerOf(contract: typeof GetCustomer): Peer['caller'] {
  return async (setup) => {
    const messages = (await start(setup, [])).get(Messages);
    return (question) => messages.ask(contract, question, { timeoutMs: 30_000 });
  };
}

export const tradepost: Peer = {
  publisher: publisherOf(Sale),
  consumer: consumerOf(TakeSaleWork),
  server: serverOf(GetCustomerRpc),
  caller: callerOf(GetCustomer),
};

export const tradepostBatch: Peer = {
  publisher: publisherOf(SaleOfBatch),
  consumer: consumerOf(TakeSalesWork),
  server: serverOf(GetCustomersRpc),
  caller: callerOf(GetCustomerOfBatch),
};

export const tradepostOutbox: Peer = {
  publisher: outboxPublisherOf(SaleOfBatch),
  consumer: consumerOf(TakeSalesWork),
};

export const tradepostAlone: Peer = {
  publisher: outboxPublisherOf(Sale),
  consumer: consumerOf(TakeSaleWork),
};

export const tradepostInOrder: Peer = {
  publisher: outboxPublisherOf(SaleInOrder),
  consumer: consumerOf(TakeSalesInOrderWork, true),
};

export const tradepostOneByOne: Peer = {
  publisher: outboxPublisherOf(SaleInOneOrder),
  consumer: consumerOf(TakeSalesOneByOneWork, true),
};
