import { MessagingError } from './errors';

/** Something that the broker does not let its user do. */
export interface Lacking {
  user: string;
  virtualHost: string;
  permission: Permission;
  what: 'queue' | 'exchange';
  name: string;
  /** It would have to be declared. */
  isMissing?: true;
}

type Permission = 'configure' | 'write' | 'read';
const permissions: Permission[] = ['configure', 'write', 'read'];

/** The broker's user may not do what the service needs. The message says what to give it. */
export class PermissionMissing extends MessagingError {
  constructor(readonly lacking: Lacking[]) {
    super(messageOf(lacking));
  }
}

function messageOf(lacking: Lacking[]): string {
  const [{ user, virtualHost } = { user: '', virtualHost: '' }] = lacking;
  const what = lacking.map(({ permission, what, name, isMissing }) => {
    return `${permission} on ${what} "${name}"${isMissing ? ', which is not there' : ''}`;
  });
  const patterns = permissions.map((permission) => {
    const names = lacking.filter((one) => one.permission === permission).map(({ name }) => name);
    return names.length === 0 ? `'^$'` : `'^(${[...new Set(names)].map(escaped).join('|')})$'`;
  });
  const path = [virtualHost, user].map(encodeURIComponent).join('/');
  return (
    `the broker's user "${user}" lacks permissions in the virtual host "${virtualHost}": ` +
    `${[...new Set(what)].join('; ')}. Add them to the patterns that the user has, all three of ` +
    `which are set by: rabbitmqctl set_permissions -p '${virtualHost}' '${user}' ` +
    `${patterns.join(' ')} (or PUT /api/permissions/${path})`
  );
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

interface Refusal {
  code?: number;
  classId?: number;
  methodId?: number;
}

/** The class and method that the broker refused, by what they need. */
const methods: Record<string, Partial<Record<Lacking['what'], Permission>>> = {
  '40.10': { exchange: 'configure' },
  '40.20': { exchange: 'configure' },
  '50.10': { queue: 'configure', exchange: 'write' },
  '50.20': { queue: 'write', exchange: 'read' },
  '50.30': { queue: 'read' },
  '50.40': { queue: 'configure' },
  '50.50': { queue: 'write', exchange: 'read' },
  '60.20': { queue: 'read' },
  '60.40': { exchange: 'write' },
  '60.70': { queue: 'read' },
};

// RabbitMQ 4 begins with the permission. Of a topic's key the exchange matters.
const words = new RegExp(
  "(?:(configure|write|read) )?access to (?:topic '.*' in )?(queue|exchange) '(.*?)' " +
    "in vhost '(.*?)' refused for user '(.*?)'",
);

/** @returns what the user lacks, when `error` is a refusal of the broker's for that reason */
export function lackingOf(error: unknown): Lacking | undefined {
  const { code, classId, methodId } = (error ?? {}) as Refusal;
  if (code !== 403 || !(error instanceof Error)) return undefined;
  const [, named, kind, name = '', virtualHost = '', user = ''] = words.exec(error.message) ?? [];
  if (kind === undefined) return undefined;
  const what = kind as Lacking['what'];
  const permission = (named as Permission | undefined) ?? methods[`${classId}.${methodId}`]?.[what];
  return permission && { user, virtualHost, permission, what, name };
}

/** @returns the exchange that is not there, when `error` says so */
export function missingExchange(error: unknown): string | undefined {
  if (!(error instanceof Error) || (error as Refusal).code !== 404) return undefined;
  return /no exchange '(.*?)' in vhost/.exec(error.message)?.[1];
}

/** A refusal for a missing permission as one that says so; any other error as it is. */
export function clearly(error: unknown): unknown {
  const lacking = lackingOf(error);
  return lacking === undefined ? error : new PermissionMissing([lacking]);
}
