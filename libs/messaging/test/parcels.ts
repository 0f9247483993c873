import {
  AmqpConnection,
  Nack,
  RabbitHeader,
  RabbitPayload,
  RabbitRequest,
  RabbitRPC,
  RabbitSubscribe,
  RabbitMQModule as StockModule,
  type MessageHandlerOptions,
  type RabbitMQConfig,
} from '@golevelup/nestjs-rabbitmq';
import {
  type INestApplicationContext,
  Injectable,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ConsumeMessage } from 'amqplib';
import { MessagingHealth } from '@tradepost/messaging';
import { RabbitMQModule, type RabbitMQOptions } from '@tradepost/messaging/golevelup';
import { eventually, type TestBroker } from '@tradepost/test-kit';

/** What the handlers have heard, and what the test lets them do. */
export const parcels = {
  heard: [] as unknown[],
  does: undefined as ((raw: ConsumeMessage) => unknown) | undefined,
};

/** Handlers as golevelup's README shows them; their queues are in the configuration. */
@Injectable()
export class Parcels {
  @RabbitSubscribe({ name: 'parcels' })
  async sent(parcel: object, raw: ConsumeMessage, headers: { colour?: string }): Promise<unknown> {
    parcels.heard.push([parcel, raw.fields.routingKey, headers.colour]);
    return parcels.does?.(raw);
  }

  @RabbitSubscribe({ name: 'decorated' })
  async decorated(
    @RabbitPayload('weight') weight: number,
    @RabbitHeader('colour') colour: string,
    @RabbitRequest() raw: ConsumeMessage,
  ): Promise<void> {
    parcels.heard.push([weight, colour, raw.fields.exchange]);
  }

  @RabbitSubscribe({ name: 'batches' })
  async all(batch: object[], raws: ConsumeMessage[], headers: object[]): Promise<unknown> {
    parcels.heard.push([batch, raws.length, headers.length]);
    for (const raw of raws) await parcels.does?.(raw);
    return undefined;
  }

  @RabbitRPC({ name: 'prices' })
  async price({ weight }: { weight: number }, raw: ConsumeMessage): Promise<unknown> {
    const done: unknown = await parcels.does?.(raw);
    return done ?? { price: weight * 2 };
  }

  @RabbitRPC({ name: 'times' })
  time({ weight }: { weight: number }): unknown {
    return weight > 10 ? new Nack() : { days: weight };
  }
}

export class ParcelServices {
  private readonly open: INestApplicationContext[] = [];

  constructor(private readonly broker: () => TestBroker) {}

  /** golevelup's. One at a time: a second one in a process gets no handlers. */
  async stock(config: Partial<RabbitMQConfig>, ...providers: Type[]): Promise<AmqpConnection> {
    const imports = [StockModule.forRoot({ uri: this.broker().amqpUrl, ...config })];
    return (await this.start({ imports, providers })).get(AmqpConnection, { strict: false });
  }

  /** The same on the runtime, consuming. */
  async ours(config: Partial<RabbitMQOptions>, ...providers: Type[]): Promise<AmqpConnection> {
    return (await this.oursWith([config], { providers })).get(AmqpConnection, { strict: false });
  }

  /** With several modules. */
  async oursWith(
    configs: Partial<RabbitMQOptions>[],
    metadata: ModuleMetadata,
  ): Promise<INestApplicationContext> {
    const common = { uri: this.broker().amqpUrl, retry: ['1s'] as const };
    const imports = configs.map((config) => RabbitMQModule.forRoot({ ...common, ...config }));
    const app = await this.start({ imports, ...metadata });
    const all = app.get(MessagingHealth, { strict: false, each: true });
    const ok = all.map(() => ({ ok: true, problems: [] }));
    const check = async () => Promise.all(all.map(async (health) => health.check()));
    await eventually(async () => expect(await check()).toMatchObject(ok));
    return app;
  }

  async close(): Promise<void> {
    for (const app of this.open.splice(0).reverse()) await app.close();
  }

  private async start(metadata: ModuleMetadata): Promise<INestApplicationContext> {
    class Root {}
    const module = { module: Root, ...metadata };
    const app = await NestFactory.createApplicationContext(module, {
      logger: false,
      abortOnError: false,
    });
    this.open.push(app);
    return app;
  }
}

/** `handlers` of a configuration. */
export function handling(name: string, options: MessageHandlerOptions) {
  return { handlers: { [name]: options } };
}
