export type { RabbitMQOptions } from './golevelup/config';
export { RabbitConnection } from './golevelup/rabbit-connection';
export { RabbitMQModule } from './golevelup/rabbitmq.module';
