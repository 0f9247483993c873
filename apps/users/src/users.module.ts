import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { UsersConfig } from './users.config';
import { UsersController } from './users.controller';
import { UsersRpc } from './users.rpc';
import { UsersStore } from './users.store';

@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'users',
      about: 'Knows the customers, and tells other services who one is.',
      api: 'docs/API.md#users',
      config: UsersConfig,
    }),
  ],
  controllers: [UsersController],
  providers: [UsersRpc, UsersStore],
})
export class UsersModule {}
