import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FinancialModule } from './financial';
import { OrdersModule } from './orders';
import { PaymentsModule } from './payments';
import { DatabaseModule, queueOf } from './platform';
import { UsersModule } from './users';

/** One of the four services: SERVICE says which. */

const modules = {
  orders: OrdersModule,
  users: UsersModule,
  financial: FinancialModule,
  payments: PaymentsModule,
};

async function main(): Promise<void> {
  const { SERVICE = 'orders', PORT = '4000' } = process.env;
  @Module({ imports: [DatabaseModule, modules[SERVICE as keyof typeof modules]] })
  class AppModule {}
  const app = await NestFactory.create<NestExpressApplication>(AppModule);
  app.connectMicroservice(queueOf(SERVICE));
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(PORT, '127.0.0.1');
}

void main();
