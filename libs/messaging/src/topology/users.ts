import type { Contract } from '../contract';
import { auditStream } from '../dead-letters/audit-trail';
import { lockQueue } from '../dead-letters/operators-lock';
import { deadQueue, type Wiring } from '../handlers/handler';
import { takenBy } from '../ordered/keyed-topology';
import { anyOf } from './name-pattern';
import { permissionsOf, type Permissions } from './permissions';
import { doorOf, Ways, type Mode } from './ways';

/** What a user of the broker may do. */
export interface Rights extends Permissions {
  /** Of the management API; none unless given. */
  tags?: 'monitoring';
}

export interface Parties {
  /** The handlers of each service. */
  wirings: Record<string, readonly Wiring[]>;
  /** What each service, and each monitor, sends, tells and asks. */
  sends: Record<string, readonly Contract[]>;
  /** Programs that look at all of it, and change none of it. */
  monitors: readonly string[];
  mode: Mode;
}

/** The user of the commands that list, replay and discard dead letters. */
const operator = 'operator';

/** The least with which each party works where the topology is there already, by its name. */
export function rightsOf({ wirings, sends, monitors, mode }: Parties): Record<string, Rights> {
  const all = Object.values(wirings).flat();
  const queues = all.flatMap(takenBy).map(({ queue }) => queue);
  const failing = all.filter(({ kind }) => kind !== 'rpc').map(({ queue }) => queue);
  const dead = failing.map(deadQueue);
  const rights: Record<string, Rights> = {};
  for (const [name, own] of Object.entries(wirings)) {
    rights[name] = permissionsOf(own, sends[name], new Ways(mode, name));
  }
  for (const name of monitors) {
    // The first messages of a queue are read and put back.
    const read = anyOf([...queues, ...dead]);
    const { configure, write, topics } = permissionsOf([], sends[name], new Ways(mode, name));
    rights[name] = { configure, write, read, topics, tags: 'monitoring' };
  }
  const doors = [...failing, ...dead, auditStream].map(doorOf);
  rights[operator] = {
    configure: anyOf([lockQueue]),
    write: anyOf(mode === 'strict' ? doors : ['amq.default']),
    read: anyOf([...dead, auditStream]),
    topics: [],
    tags: 'monitoring',
  };
  return rights;
}
