import { Injectable } from '@nestjs/common';
import { GetUser, type User } from '@tradepost/contracts';
import { OnRpc, Rejected } from '@tradepost/messaging';
import { UsersStore } from './users.store';

@Injectable()
export class UsersRpc {
  constructor(private readonly users: UsersStore) {}

  @OnRpc(GetUser)
  async handle({ id }: GetUser): Promise<User> {
    const user = await this.users.find(id);
    if (!user) throw new Rejected('user_unknown', `there is no user ${id}`);
    return user;
  }
}
