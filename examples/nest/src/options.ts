import type { RmqOptions } from '@nestjs/microservices';

type Options = NonNullable<RmqOptions['options']>;

const urls = [process.env['AMQP_URL'] ?? 'amqp://localhost:5672'];

/** What the warehouse takes from. */
export const warehouse: Options = { urls, queue: 'warehouse', queueOptions: { durable: true } };

/** What shipping takes from. */
export const shipping: Options = { urls, queue: 'shipping', queueOptions: { durable: true } };
