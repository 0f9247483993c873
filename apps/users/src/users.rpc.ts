import { Injectable } from '@nestjs/common';
import { GetUser, type User } from '@tradepost/contracts';
import { OnRpc, Rejected, type Received } from '@tradepost/messaging';
import { UsersStore } from './users.store';

@Injectable()
export class UsersRpc {
  constructor(private readonly users: UsersStore) {}

  @OnRpc(GetUser, { batch: { size: 64 } })
  async handle(questions: Received<GetUser>[]): Promise<(User | Rejected)[]> {
    const users = await this.users.findEach(questions.map(({ body }) => body.id));
    return questions.map(({ body: { id } }) => {
      return users.get(id) ?? new Rejected('user_unknown', `there is no user ${id}`);
    });
  }
}
