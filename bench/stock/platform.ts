import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ClientsModule, Transport, type RmqContext, type RmqOptions } from '@nestjs/microservices';
import { Pool } from 'pg';

/** What the four services share: a pool, and queues as Nest's documentation shows them. */

const { AMQP_URL = '', POSTGRES_URL = '' } = process.env;

@Global()
@Module({
  providers: [
    {
      provide: Pool,
      useFactory: () => new Pool({ connectionString: POSTGRES_URL, max: 10 }),
    },
  ],
  exports: [Pool],
})
export class DatabaseModule {}

/** Of a service: durable, replicated, and acknowledged when the work is done. */
export function queueOf(service: string): RmqOptions {
  return {
    transport: Transport.RMQ,
    options: {
      urls: [AMQP_URL],
      queue: `stock.${service}`,
      noAck: false,
      prefetchCount: 100,
      persistent: true,
      queueOptions: { durable: true, arguments: { 'x-queue-type': 'quorum' } },
    },
  };
}

/** Clients of other services, injected by their names. Their own replies are never acknowledged. */
export function clientsOf(...services: string[]): DynamicModule {
  return ClientsModule.register(
    services.map((name) => {
      const { options } = queueOf(name);
      return { name, transport: Transport.RMQ, options: { ...options, noAck: true } };
    }),
  );
}

export function acknowledge(context: RmqContext): void {
  const channel = context.getChannelRef() as { ack(message: object): void };
  channel.ack(context.getMessage());
}

/** What orders tells the others. */
export interface Sale {
  orderId: string;
  customer: { id: string; name: string };
  currency: string;
  /** Minor units. */
  total: number;
}
