import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  type MicroserviceOptions,
  type RmqOptions,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom, toArray } from 'rxjs';

export type StockOptions = NonNullable<RmqOptions['options']>;

/** Nest applications and clients of a test, closed together. */
export class NestParts {
  private readonly open: { close(): unknown }[] = [];

  async listen(options: MicroserviceOptions, ...controllers: Type[]): Promise<void> {
    @Module({ controllers })
    class Root {}
    const all = { ...options, logger: false } as const;
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(Root, all);
    this.open.push(app);
    await app.listen();
  }

  /** Nest's own transport. */
  async stockServer(options: StockOptions, controller: Type): Promise<void> {
    await this.listen({ transport: Transport.RMQ, options }, controller);
  }

  async stockClient(options: StockOptions): Promise<ClientProxy> {
    const client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
    await client.connect();
    return this.add(client);
  }

  add<T extends { close(): unknown }>(part: T): T {
    this.open.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.open.splice(0).reverse()) await part.close();
  }
}

export async function emit(client: ClientProxy, pattern: unknown, data: unknown): Promise<unknown> {
  const sent = lastValueFrom(client.emit<unknown>(pattern, data), { defaultValue: undefined });
  return sent.catch((error: unknown) => error);
}

/** @returns every answer, or the error */
export async function ask(client: ClientProxy, pattern: unknown, data: unknown): Promise<unknown> {
  const answers = lastValueFrom(client.send<unknown>(pattern, data).pipe(toArray()));
  return answers.catch((error: unknown) => error);
}
