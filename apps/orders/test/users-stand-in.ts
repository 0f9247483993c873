import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { GetUser, type User } from '@tradepost/contracts';
import { Message, OnRpc, Rejected } from '@tradepost/messaging';
import { createService, ServiceConfig, ServiceModule } from '@tradepost/service';
import { createTestDatabase, type TestBroker, openToAll } from '@tradepost/test-kit';

const users: User[] = [
  { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' },
  { id: '13', name: 'Nils Stone', email: 'nils.stone@example.com', status: 'suspended' },
];

interface Question {
  id: string;
  traceId: string | undefined;
}

@Injectable()
class GetUserRpc {
  readonly asked: Question[] = [];

  @OnRpc(GetUser)
  async handle({ id }: GetUser, { traceparent }: Message): Promise<User> {
    this.asked.push({ id, traceId: traceparent?.split('-')[1] });
    if (id === 'closed') throw new Rejected('users_closed', 'come again');
    if (id === 'broken') throw new Error('the database of users is broken');
    const user = users.find((one) => one.id === id);
    if (!user) throw new Rejected('user_unknown', `no user has id ${id}`);
    return Promise.resolve(user);
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'users', config: ServiceConfig })],
  providers: [GetUserRpc],
})
class UsersModule {}

export interface UsersStandIn {
  /** What it was asked, each time. */
  asked: readonly Question[];
  stop(): Promise<void>;
}

/** Answers who a customer is, as users does: the same contract, the same runtime, two users. */
export async function startUsers(broker: TestBroker): Promise<UsersStandIn> {
  const database = await createTestDatabase();
  const app: INestApplicationContext = await createService(UsersModule, {
    ...openToAll,
    AMQP_URL: broker.amqpUrl,
    POSTGRES_URL: database.url,
    LOG_LEVEL: 'error',
  });
  await app.init();
  return {
    asked: app.get(GetUserRpc).asked,
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}
