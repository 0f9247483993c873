import type { RabbitMQConfig } from '@golevelup/nestjs-rabbitmq';

export const rabbit: RabbitMQConfig = {
  exchanges: [{ name: 'shop', type: 'topic' }],
  uri: process.env['AMQP_URL'] ?? 'amqp://localhost:5672',
  connectionInitOptions: { wait: false },
};
