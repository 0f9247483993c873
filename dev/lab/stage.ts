import 'reflect-metadata';
import { Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { Messages, MessagingHealth, MessagingModule } from '@tradepost/messaging';
import { eventually, TestBroker } from '@tradepost/messaging/testing';
import type { LabCommand } from './command';
import type { LabServers } from './servers';
import { Column, Screen, type ColumnSize } from './screen';
import { Pace } from './pace';
import { Wire, type Published } from './wire';

const readyMs = 20_000;

export interface StageOptions extends Pick<LabCommand, 'workers' | 'count' | 'everyMs'> {
  amqpUrl: string;
  managementUrl: string;
  signal: AbortSignal;
  /** Of a story that stops them. */
  own?: LabServers['own'];
}

export interface ServiceOptions {
  /** Where its handlers say what they do; the column of its name unless given. */
  column?: string;
  /** For `send` and `once`. */
  db?: Db;
}

/** A service of a story, which runs. */
export interface LabService {
  messages: Messages;
  get: INestApplicationContext['get'];
  stop(): Promise<void>;
}

/** A virtual host of its own, services on it, and a screen that shows what they do. */
export class Stage {
  readonly screen = new Screen();
  readonly pace: Pace;
  private columns = new Map<string, Column>();
  private readonly open: { close(): Promise<void> }[] = [];

  private constructor(
    readonly options: StageOptions,
    readonly broker: TestBroker,
  ) {
    this.pace = new Pace(options.everyMs, options.signal);
  }

  static async open(options: StageOptions): Promise<Stage> {
    return new Stage(options, await TestBroker.create(options));
  }

  get virtualHost(): string {
    return new URL(this.broker.amqpUrl).pathname.slice(1);
  }

  /** @throws in a story without `ownServers` */
  get servers(): NonNullable<LabServers['own']> {
    if (this.options.own === undefined) throw new Error('this story has no servers of its own');
    return this.options.own;
  }

  begin(...columns: ColumnSize[]): void {
    this.screen.print();
    this.columns = this.screen.begin(columns);
  }

  column(name: string): Column {
    const column = this.columns.get(name);
    if (column === undefined) throw new Error(`there is no column ${name}`);
    return column;
  }

  /** Resolves when it gets its messages. */
  async service(name: string, module: Type, options: ServiceOptions = {}): Promise<LabService> {
    const app = await NestFactory.createApplicationContext(this.root(name, module, options), {
      logger: false,
      abortOnError: false,
    });
    const service = { close: () => app.close() };
    this.open.push(service);
    const isReady = async () => {
      const { ok, problems } = await app.get(MessagingHealth).check();
      if (!ok) throw new Error(problems.join('; '));
    };
    const { signal } = this.options;
    await eventually(isReady, { what: `${name} gets its messages`, withinMs: readyMs, signal });
    return {
      messages: app.get(Messages),
      get: app.get.bind(app),
      stop: async () => {
        this.open.splice(this.open.indexOf(service), 1);
        await app.close();
      },
    };
  }

  /** From now on `heard` is told what is published on this virtual host. */
  async listenToWire(heard: (published: Published) => void): Promise<void> {
    this.open.push(await Wire.open(this.broker, this.options.managementUrl, heard));
  }

  /** Resolves when `isTrue`. @throws when that takes too long, or the story is broken off */
  async until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const probe = async () => {
      if (!(await isTrue())) throw new Error('not yet');
    };
    await eventually(probe, { what, withinMs: readyMs, signal: this.options.signal });
  }

  async stopServices(): Promise<void> {
    const closing = this.open.splice(0).map((one) => one.close());
    await Promise.allSettled(closing);
  }

  /** Nothing of it is left on the broker. */
  async close(): Promise<void> {
    await this.stopServices();
    await this.broker.close();
  }

  private root(service: string, module: Type, { column = service, db }: ServiceOptions) {
    const providers = [
      { provide: Column, useValue: this.column(column) },
      { provide: Pace, useValue: this.pace },
      ...(db ? [{ provide: Db, useValue: db }] : []),
    ];
    const exported = providers.map(({ provide }) => provide);
    @Module({ providers, exports: exported })
    class Surroundings {}
    const { amqpUrl } = this.broker;
    const messaging = { service, amqpUrl, prefetch: 10, database: db && Db };
    return {
      module: class Root {},
      imports: [{ module: Surroundings, global: true }, MessagingModule.forRoot(messaging), module],
    };
  }
}
