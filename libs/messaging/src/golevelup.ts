export type { RabbitMQOptions } from './golevelup/config';
export { RabbitMQModule } from './golevelup/rabbitmq.module';
