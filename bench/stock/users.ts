import { Controller, Module } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, RmqContext } from '@nestjs/microservices';
import { Pool } from 'pg';
import { acknowledge } from './platform';

@Controller()
class UsersController {
  constructor(private readonly pool: Pool) {}

  @MessagePattern('users.get')
  async get(@Payload() { id }: { id: string }, @Ctx() context: RmqContext) {
    const { rows } = await this.pool.query<{ id: string; name: string }>(
      'SELECT id, name FROM users WHERE id = $1',
      [id],
    );
    acknowledge(context);
    return rows[0] ?? null;
  }
}

@Module({ controllers: [UsersController] })
export class UsersModule {}
