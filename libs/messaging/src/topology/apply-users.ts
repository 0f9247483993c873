import { createHash } from 'node:crypto';
import { ApiDenied, type BrokerApi } from './broker-api';
import type { TopicPermission } from './permissions';
import type { Rights } from './users';

export interface BrokerUser extends Rights {
  name: string;
  password: string;
}

interface ApplyUsersOptions {
  api: BrokerApi;
  users: readonly BrokerUser[];
  /** Gets a line for each change; never a password. */
  report: (line: string) => void;
}

/**
 * Gives each user its password, its tags and, in the virtual host of `api`, exactly its rights: of
 * one that may more, the rest is taken away. Changes nothing that is so already.
 * @throws when the API does not answer, or its own user is no administrator
 */
export async function applyUsers({ api, users, report }: ApplyUsersOptions): Promise<void> {
  for (const user of users) {
    await asAdministrator(async () => {
      const did = await applyUser(api, user);
      if (did !== undefined) report(`${did} user ${user.name}`);
    });
  }
}

/** Their connections end. @throws as `applyUsers` */
export async function dropUsers(
  api: BrokerApi,
  names: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  for (const name of names) {
    await asAdministrator(async () => {
      if ((await api.user(name)) === undefined) return;
      await api.dropUser(name);
      report(`removed user ${name}`);
    });
  }
}

async function asAdministrator(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiDenied)) throw error;
    const { user, message } = error;
    throw new Error(
      `the management API lets "${user}" set no users: give the URL of an administrator of the ` +
        `broker (rabbitmqctl set_user_tags ${user} administrator makes one). ${message}`,
      { cause: error },
    );
  }
}

/** @returns what it did, if anything */
async function applyUser(api: BrokerApi, user: BrokerUser): Promise<string | undefined> {
  const { name, password, tags = '' } = user;
  const found = await api.user(name);
  const changes: string[] = [];
  if (found === undefined || !matches(password, found)) changes.push('password');
  if ([found?.tags ?? []].flat().join(',') !== tags) changes.push('tags');
  if (changes.length > 0) await api.putUser(name, { password, tags });
  // Before the plain ones, with which it would come to every key.
  const topics = topicChanges(found && (await api.topicsOf(name)), user.topics);
  for (const topic of topics) await api.permitTopic(name, topic);
  if (topics.length > 0) changes.push('topic permissions');
  const had = found && (await api.permissionsOf(name));
  const isSame = (one: 'configure' | 'write' | 'read') => had?.[one] === user[one];
  if (!isSame('configure') || !isSame('write') || !isSame('read')) {
    await api.permit(name, user);
    changes.push('permissions');
  }
  if (changes.length === 0) return undefined;
  return found === undefined ? 'created' : `changed ${changes.join(', ')} of`;
}

const anyKey = '.*';

/**
 * What is to be set. Any key is as good as no permission; to take one away would take all of them,
 * and for a moment any key would be open.
 */
function topicChanges(had: TopicPermission[] = [], wanted: TopicPermission[]): TopicPermission[] {
  const text = ({ exchange, write, read }: TopicPermission) =>
    JSON.stringify([exchange, write, read]);
  const before = had.map(text);
  const opened = had
    .filter(({ exchange }) => !wanted.some((one) => one.exchange === exchange))
    .map(({ exchange }) => ({ exchange, write: anyKey, read: anyKey }));
  return [...wanted, ...opened].filter((one) => !before.includes(text(one)));
}

const algorithms: Record<string, string> = {
  rabbit_password_hashing_sha256: 'sha256',
  rabbit_password_hashing_sha512: 'sha512',
};

const saltBytes = 4;

/** Whether this is its password: the broker keeps it salted and hashed. */
function matches(
  password: string,
  found: { password_hash?: string; hashing_algorithm?: string },
): boolean {
  const { password_hash: hash = '', hashing_algorithm: name = '' } = found;
  const algorithm = algorithms[name];
  if (algorithm === undefined) return false;
  const kept = Buffer.from(hash, 'base64');
  const salted = Buffer.concat([kept.subarray(0, saltBytes), Buffer.from(password)]);
  return createHash(algorithm).update(salted).digest().equals(kept.subarray(saltBytes));
}
