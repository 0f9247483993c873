import 'reflect-metadata';
import {
  Module,
  type INestApplicationContext,
  type InjectionToken,
  type LoggerService,
  type LogLevel,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import {
  Messages,
  MessagingHealth,
  MessagingModule,
  type MessagingOptions,
} from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { createTestDatabase, eventually, TestBroker } from '@tradepost/test-kit';
import { closeConnection, openConnection } from '../src/connection/connect';
import type { BrokerUrl } from '../src/connection/nodes';
import { wiringsOf } from '../src/handlers/wiring';
import { desiredTopology } from '../src/topology/desired-topology';
import { permissionsOf } from '../src/topology/permissions';
import { declare, onChannel } from '../src/topology/topology';
import { Ways, type Mode } from '../src/topology/ways';
import * as contracts from './contracts';

const createEffects = {
  name: 'bench-create-effects',
  text: 'CREATE TABLE effects (note text NOT NULL)',
};
const selectEffects = { name: 'bench-effects', text: 'SELECT note FROM effects ORDER BY note' };
const countOutbox = { name: 'bench-outbox', text: 'SELECT count(*) AS rows FROM outbox' };

const everything = Object.values(contracts).filter(
  (one): one is Contract & typeof one => 'route' in one,
);

export const insertEffect = {
  name: 'bench-insert-effect',
  text: 'INSERT INTO effects (note) VALUES ($1)',
};

/** A process of a service: its handlers on the bench's broker and database. */
export interface Replica {
  app: INestApplicationContext;
  messages: Messages;
  health: MessagingHealth;
}

export interface CreateOptions extends Partial<MessagingOptions>, Pick<ModuleMetadata, 'imports'> {
  log?: LoggerService | LogLevel[];
  /** Db when not given; undefined for a service without a database. */
  database?: InjectionToken;
}

/** In which mode the services of a bench use the broker, unless a test says it. */
export const bench: { mode: Mode } = { mode: 'simple' };

/** What services do that declare what they need. */
export function inSimpleMode(name: string, test: () => Promise<void>): void {
  if (bench.mode === 'simple') it(name, test);
}

/** A virtual host, a database, and any number of services on them. */
export class Bench {
  private readonly apps: INestApplicationContext[] = [];

  private constructor(
    readonly broker: TestBroker,
    readonly db: Db,
    readonly databaseUrl: string,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async open(): Promise<Bench> {
    const [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase()]);
    const db = new Db({ url: database.url, poolMax: 10 });
    await db.query(createEffects);
    return new Bench(broker, db, database.url, () => database.drop());
  }

  /** Starts a service with these handlers. Resolves when it consumes. */
  async start(providers: Provider[], options: CreateOptions = {}): Promise<Replica> {
    const app = await this.create(providers, options);
    const health = app.get(MessagingHealth);
    await eventually(async () =>
      expect(await health.check()).toMatchObject({ ok: true, problems: [] }),
    );
    return { app, messages: app.get(Messages), health };
  }

  /** Starts a service without waiting for anything. @throws WiringError */
  async create(
    providers: Provider[],
    { log = ['fatal'], ...options }: CreateOptions = {},
  ): Promise<INestApplicationContext> {
    @Module({ providers: [{ provide: Db, useValue: this.db }], exports: [Db] })
    class Database {}
    const { mode = bench.mode, service = 'tests' } = options;
    const { amqpUrl: way = this.broker.amqpUrl } = options;
    const strict = { sends: everything, ...options };
    const given = mode === 'strict' ? strict : options;
    const least = () => this.leastUser(way, providers, service, strict);
    const amqpUrl = mode === 'strict' ? await least() : way;
    const common = { service, mode, prefetch: 20, drainTimeoutMs: 5_000 };
    const messaging = MessagingModule.forRoot({ database: Db, ...common, ...given, amqpUrl });
    const root = {
      module: class Root {},
      imports: [{ module: Database, global: true }, messaging],
      providers,
    };
    const app = await NestFactory.createApplicationContext(root, {
      logger: log,
      abortOnError: false,
    });
    this.apps.push(app);
    return app;
  }

  /**
   * Declares what the strict mode needs.
   * @returns `way`, for a user with the least permissions, unless it names one of its own
   */
  private async leastUser(
    way: BrokerUrl,
    providers: Provider[],
    service: string,
    { sends, queueReplicas }: { sends: readonly Contract[]; queueReplicas?: number },
  ): Promise<BrokerUrl> {
    const url = new URL(typeof way === 'function' ? way() : way);
    if (url.username !== new URL(this.broker.amqpUrl).username) return way;
    class Root {}
    Reflect.defineMetadata('providers', providers, Root);
    const wirings = wiringsOf(Root, service);
    const heard = wirings.flatMap(({ contract }) => contract ?? []);
    const spoken = [...sends, ...heard];
    const desired = desiredTopology({ [service]: wirings }, spoken, 'strict', queueReplicas);
    const model = await openConnection(this.broker.amqpUrl, 'declares beforehand');
    await onChannel(model, (channel) => declare(channel, desired));
    await closeConnection(model);
    const ways = new Ways('strict', service);
    const least = permissionsOf(wirings, spoken, ways);
    const { username, password } = new URL(await this.broker.userWith(least));
    return Object.assign(url, { username, password }).href;
  }

  async effects(): Promise<string[]> {
    const rows = await this.db.query<{ note: string }>(selectEffects);
    return rows.map(({ note }) => note);
  }

  async outboxDepth(): Promise<number> {
    const [row] = await this.db.query<{ rows: number }>(countOutbox);
    return row?.rows ?? 0;
  }

  /** Stops the services; broker and database stay. */
  async stop(): Promise<void> {
    await Promise.all(this.apps.splice(0).map((app) => app.close()));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.db.close();
    await Promise.all([this.broker.close(), this.dropDatabase()]);
  }
}
