import { Random } from './random';

/** What ends a process, or stops it for a while. */
const processKinds = ['kill', 'stop', 'freeze'] as const;

/**
 * What happens to the wires between a service and a server. cut: closed, and new ones refused.
 * silent: open, and nothing passes for a while. dead: nothing passes ever again on the wires of
 * now, new ones work.
 */
const linkKinds = [
  'cut-broker',
  'cut-database',
  'silent-broker',
  'silent-database',
  'dead-broker',
  'dead-database',
] as const;

export type ProcessKind = (typeof processKinds)[number];
export type LinkKind = (typeof linkKinds)[number];

export interface Fault {
  /** After the load began. */
  atMs: number;
  /** So long it lasts, until it is healed. */
  forMs: number;
  /** A service, or `broker` or `database`. */
  target: string;
  /** Which of the service's processes, from 0; missing: all of them. Of servers always missing. */
  replica?: number;
  kind: ProcessKind | LinkKind;
}

export interface ScheduleOptions {
  seed: number;
  /** How many faults. */
  faults: number;
  /** Processes of each service. */
  scale: Record<string, number>;
  /** The names of the servers, which have no wires of their own. */
  servers: readonly string[];
}

const gapMs = { min: 2_000, max: 4_000 };
const lastsMs = { min: 1_000, max: 5_000 };
/** So many faults hit others before a target has its next turn. */
const restTurns = 3;
const allOfOne = 0.3;

/**
 * The faults in their order: a function of its options and of nothing else. Everybody has a turn
 * before anybody has the next one, and is hit in each way before it is hit in one way again.
 */
export function scheduleOf({ seed, faults, scale, servers }: ScheduleOptions): Fault[] {
  const random = new Random(seed, 'faults');
  const targets = [...Object.keys(scale), ...servers].map((name) => ({
    name,
    turns: 0,
    kinds: kindsOf(servers.includes(name), random),
  }));
  const schedule: Fault[] = [];
  let atMs = 0;
  for (let i = 0; i < faults; i += 1) {
    const resting = schedule.slice(-restTurns).map(({ target }) => target);
    const ready = targets.filter(({ name }) => !resting.includes(name));
    const fewest = Math.min(...ready.map(({ turns }) => turns));
    const target = random.pick(ready.filter(({ turns }) => turns === fewest));
    const kind = target.kinds[target.turns % target.kinds.length] as Fault['kind'];
    target.turns += 1;
    atMs += random.int(gapMs.min, gapMs.max);
    const forMs = random.int(lastsMs.min, lastsMs.max);
    const replica = replicaOf(scale[target.name] ?? 0, random);
    schedule.push({ atMs, forMs, target: target.name, kind, ...replica });
  }
  return schedule;
}

// Processes and wires in turn.
function kindsOf(isServer: boolean, random: Random): Fault['kind'][] {
  const ofProcess = random.shuffle(processKinds);
  if (isServer) return ofProcess;
  const ofLinks = random.shuffle(linkKinds);
  const turns = ofLinks.flatMap((link, i): Fault['kind'][] => [
    ofProcess[i % ofProcess.length] as ProcessKind,
    link,
  ]);
  return random.chance(0.3) ? [...turns.slice(1), ...turns.slice(0, 1)] : turns;
}

function replicaOf(count: number, random: Random): { replica?: number } {
  if (count === 0 || random.chance(allOfOne)) return {};
  return { replica: random.int(0, count - 1) };
}

/** `payments-2 kill`, as people read it. */
export function nameOf({ target, replica, kind }: Fault, scale: Record<string, number>): string {
  const isOneOfMany = replica !== undefined && (scale[target] ?? 1) > 1;
  return `${target}${isOneOfMany ? `-${replica + 1}` : ''} ${kind}`;
}
