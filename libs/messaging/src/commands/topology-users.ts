import type { Wiring } from '../handlers/handler';
import type { BrokerUser } from '../topology/apply-users';
import { rightsOf, type Rights } from '../topology/users';
import type { Mode } from '../topology/ways';
import type { CommandSettings } from './settings';
import { userPasswords } from './user-passwords';

/** Begins the users' names, unless told otherwise. */
export const usualPrefix = 'tradepost-';

type Wirings = Record<string, Wiring[]>;

/** Of each service, each monitor and the operators, by its name. */
export async function rightsOfParties(
  { sends, monitors = [] }: Pick<CommandSettings, 'sends' | 'monitors'>,
  wirings: Wirings,
  mode: Mode,
): Promise<Record<string, Rights>> {
  return rightsOf({ wirings, sends: (await sends?.()) ?? {}, monitors, mode });
}

/** @param passwords the file of those that the environment does not have */
export async function brokerUsers(
  settings: CommandSettings,
  wirings: Wirings,
  mode: Mode,
  { prefix = usualPrefix, passwords: file }: { prefix?: string; passwords?: string },
): Promise<BrokerUser[]> {
  const rights = await rightsOfParties(settings, wirings, mode);
  const passwords = await userPasswords(Object.keys(rights), file);
  return Object.entries(rights).map(([party, one]) => {
    return { ...one, name: prefix + party, password: passwords[party] ?? '' };
  });
}

/** What makes users that are there already no more than this, for a shell. */
export function permissionLines(
  rights: Record<string, Rights>,
  prefix: string = usualPrefix,
): string[] {
  // A shell takes what is between single quotes as it is.
  const quoted = (...patterns: string[]) => patterns.map((one) => `'${one}'`).join(' ');
  return Object.entries(rights).flatMap(([party, one]) => {
    const name = prefix + party;
    const { configure, write, read, topics, tags } = one;
    return [
      ...(tags === undefined ? [] : [`rabbitmqctl set_user_tags ${name} ${tags}`]),
      ...topics.map(({ exchange, write: keys, read: heard }) => {
        const patterns = quoted(exchange, keys, heard);
        return `rabbitmqctl set_topic_permissions -p / ${name} ${patterns}`;
      }),
      `rabbitmqctl set_permissions -p / ${name} ${quoted(configure, write, read)}`,
    ];
  });
}
