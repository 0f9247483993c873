import { environment, TestBroker } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { BrokerApi } from '../src/topology/broker-api';
import { applyUsers, dropUsers, type BrokerUser } from '../src/topology/apply-users';
import type { Permissions, TopicPermission } from '../src/topology/permissions';

const none = '^$';

describe('users of the broker', () => {
  let broker: TestBroker;
  let api: Recording;
  let user: BrokerUser;
  let said: string[];

  beforeEach(async () => {
    broker = await TestBroker.create();
    api = new Recording(environment().managementUrl, broker.amqpUrl);
    user = {
      name: `${new URL(broker.amqpUrl).pathname.slice(1)}-teller`,
      password: 'first: a/%+@',
      ...{ configure: none, write: '^(notes)$', read: none },
      topics: [{ exchange: 'notes', write: '^(mine)$', read: none }],
    };
    said = [];
    await broker.declareExchange('notes', 'topic');
  });
  afterEach(async () => {
    await api.dropUser(user.name);
    await broker.close();
  });

  const apply = (one: BrokerUser) =>
    applyUsers({ api, users: [one], report: (line) => said.push(line) });
  const urlOf = ({ name, password }: BrokerUser) => {
    const url = new URL(broker.amqpUrl);
    [url.username, url.password] = [name, encodeURIComponent(password)];
    return url.href;
  };
  /** On a connection of its own: what was allowed to another one is remembered there. */
  const tell = async (key: string, one = user) => {
    const model = await connect(urlOf(one));
    model.on('error', () => undefined);
    const channel = await model.createConfirmChannel();
    const closed = new Promise<never>((_, reject) => channel.once('error', reject));
    channel.publish('notes', key, Buffer.from('{}'));
    await Promise.race([channel.waitForConfirms(), closed]).finally(() => model.close());
  };

  it('are made with no more than their rights, and once', async () => {
    await apply(user);
    expect(said).toEqual([`created user ${user.name}`]);
    expect(api.steps).toEqual(['user', 'topic', 'permissions']);
    await tell('mine');
    await expect(tell('yours')).rejects.toThrow(/ACCESS_REFUSED.*topic 'yours'/s);
    await apply(user);
    expect(said).toHaveLength(1);
    expect(api.steps).toHaveLength(3);
  });

  it('lose what they may no more, and the password that they had', async () => {
    await apply({ ...user, write: '.*', tags: 'monitoring', topics: [] });
    await tell('yours');
    const changed = { ...user, password: 'second' };
    await apply(changed);
    expect(said.at(-1)).toBe(
      `changed password, tags, topic permissions, permissions of user ${user.name}`,
    );
    expect(api.steps.slice(-3)).toEqual(['user', 'topic', 'permissions']);
    await expect(tell('mine')).rejects.toThrow(/ACCESS_REFUSED/);
    await tell('mine', changed);
    await expect(tell('yours', changed)).rejects.toThrow(/topic 'yours'/);
    expect(await api.user(user.name)).toMatchObject({ tags: [] });
  });

  it('whose keys are open again come to all of them', async () => {
    await apply(user);
    const open = { ...user, topics: [] };
    await apply(open);
    await tell('yours');
    expect(said).toEqual([
      `created user ${user.name}`,
      `changed topic permissions of user ${user.name}`,
    ]);
    await apply(open);
    expect(said).toHaveLength(2);
  });

  it('are set by an administrator alone', async () => {
    const watcher = { ...user, name: `${user.name}-watching`, tags: 'monitoring' as const };
    await apply(watcher);
    const management = new URL(environment().managementUrl);
    [management.username, management.password] = [watcher.name, watcher.password];
    const asWatcher = new BrokerApi(management.href, broker.amqpUrl);
    const refused = applyUsers({ api: asWatcher, users: [user], report: () => undefined });
    await expect(refused).rejects.toThrow(
      `the management API lets "${watcher.name}" set no users: give the URL of an administrator`,
    );
    await dropUsers(api, [watcher.name, user.name], (line) => said.push(line));
    expect(said).toEqual([`created user ${watcher.name}`, `removed user ${watcher.name}`]);
  });
});

/** What it changes, in its order. */
class Recording extends BrokerApi {
  readonly steps: string[] = [];

  override async putUser(name: string, user: { password: string; tags: string }): Promise<void> {
    this.steps.push('user');
    await super.putUser(name, user);
  }

  override async permit(name: string, permissions: Permissions): Promise<void> {
    this.steps.push('permissions');
    await super.permit(name, permissions);
  }

  override async permitTopic(name: string, topic: TopicPermission): Promise<void> {
    this.steps.push('topic');
    await super.permitTopic(name, topic);
  }
}
