import { BrokerApi } from '@tradepost/messaging';
import { TestBroker } from '@tradepost/messaging/testing';
import { environment } from '../../test/kit/environment';
import { assertBroker } from '../local/ready';
import { BrokerUsers } from '../start/broker-users';

describe('the users of a start at a broker that is not its own', () => {
  let broker: TestBroker;
  let users: BrokerUsers;
  let said: string[];

  beforeEach(async () => {
    broker = await TestBroker.create();
    said = [];
    users = new BrokerUsers(false, (line) => said.push(line));
  });
  afterEach(async () => {
    await users.remove();
    await broker.close();
  });

  const given = (url: string, managementUrl: string) => ({
    ...{ url, managementUrl },
    version: '3.10.8',
  });

  it('are there as long as it runs', async () => {
    const { managementUrl } = environment();
    await users.make(given(broker.amqpUrl, managementUrl));
    const { amqpUrl } = users.urlsOf('log-sink');
    await assertBroker(amqpUrl);
    await users.remove();
    await expect(assertBroker(amqpUrl)).rejects.toThrow();
    const api = new BrokerApi(managementUrl, broker.amqpUrl);
    expect(await api.user(new URL(amqpUrl).username)).toBeUndefined();
  }, 60_000);

  it('are the one that is given, where that may make none', async () => {
    const only = await broker.userWith({ configure: '.*', write: '.*', read: '.*' });
    const api = new BrokerApi(environment().managementUrl, broker.amqpUrl);
    const { username: name, password } = new URL(only);
    await api.putUser(name, { password, tags: 'monitoring' });
    const management = new URL(environment().managementUrl);
    [management.username, management.password] = [name, password];
    await users.make(given(only, management.href));
    expect(users.urlsOf('orders').amqpUrl).toBe(only);
    expect(said.join()).toContain(`all use its user "${name}", which may make no others: it is no`);
  }, 60_000);
});
