import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { GetUser, type User } from '@tradepost/contracts';
import { OnRpc, Rejected } from '@tradepost/messaging';
import { createService, ServiceConfig, ServiceModule } from '@tradepost/service';
import { createTestDatabase, type TestBroker } from '@tradepost/test-kit';

const users: User[] = [
  { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' },
  { id: '13', name: 'Nils Stone', email: 'nils.stone@example.com', status: 'suspended' },
];

@Injectable()
class GetUserRpc {
  @OnRpc(GetUser)
  async handle({ id }: GetUser): Promise<User> {
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
class UsersStandIn {}

/** Answers who a customer is, as users does: the same contract, the same runtime, two users. */
export async function startUsers(broker: TestBroker): Promise<{ stop(): Promise<void> }> {
  const database = await createTestDatabase();
  const app: INestApplicationContext = await createService(UsersStandIn, {
    AMQP_URL: broker.amqpUrl,
    POSTGRES_URL: database.url,
    LOG_LEVEL: 'error',
  });
  await app.init();
  return {
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}
