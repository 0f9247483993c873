import { linkFaults, processFaults, type LinkFault, type ProcessFault } from '../harness/faults';
import { Random } from '../../../dev/random';

export interface FaultKind {
  kind: ProcessFault | LinkFault;
  /** Of a link: what is at its other end. */
  link?: string;
}

export interface Target {
  name: string;
  /** 0: a server that is not ours, and that there is one of. */
  processes: number;
  /** What is at the far ends of its wires. */
  links: readonly string[];
}

export interface ScheduledFault extends FaultKind {
  /** After the load began. */
  atMs: number;
  /** So long it lasts, until it is healed. */
  forMs: number;
  target: string;
  /** Which of the target's processes, from 0; missing: all of them. */
  replica?: number;
}

export interface ScheduleOptions {
  seed: number;
  faults: number;
  targets: readonly Target[];
}

const both = ['broker', 'database'];

/**
 * How a target is hit first in every run. Without the inbox a probe that dies counts twice;
 * without the relay's confirm what payments publishes into dead wires is lost.
 */
const firsts: Readonly<Record<string, FaultKind>> = {
  probe: { kind: 'kill' },
  payments: { kind: 'dead', link: 'broker' },
};

const gapMs = { min: 2_000, max: 4_000 };
const lastsMs = { min: 1_000, max: 5_000 };
/** So many faults hit others before a target has its next turn. */
const restTurns = 3;
const allOfOne = 0.3;

/** Everything there is, services by their names. @param scale processes of each service */
export function targetsOf(scale: Readonly<Record<string, number>>): Target[] {
  const names = Object.keys(scale).sort();
  const services = names.map((name): Target => {
    const links = name === 'payments' ? [...both, 'gateway'] : both;
    return { name, processes: scale[name] ?? 1, links };
  });
  return [
    ...services,
    { name: 'probe', processes: 1, links: both },
    { name: 'gateway', processes: 1, links: ['database'] },
    { name: 'broker', processes: 0, links: [] },
    { name: 'database', processes: 0, links: [] },
  ];
}

/**
 * The faults in their order: a function of its options and of nothing else. Each target has a turn
 * before one has its next, and is hit by each kind of fault before it is hit by the same again.
 */
export function scheduleOf({ seed, faults, targets }: ScheduleOptions): ScheduledFault[] {
  const random = new Random(seed, 'faults');
  const decks = targets.map((target) => ({ target, turns: 0, kinds: kindsOf(target, random) }));
  const schedule: ScheduledFault[] = [];
  let atMs = 0;
  for (let i = 0; i < faults; i += 1) {
    const resting = schedule.slice(-restTurns).map(({ target }) => target);
    const ready = decks.filter(({ target }) => !resting.includes(target.name));
    const fewest = Math.min(...ready.map(({ turns }) => turns));
    const deck = random.pick(ready.filter(({ turns }) => turns === fewest));
    const kind = deck.kinds[deck.turns % deck.kinds.length] as FaultKind;
    deck.turns += 1;
    atMs += random.int(gapMs.min, gapMs.max);
    const forMs = random.int(lastsMs.min, lastsMs.max);
    const { name, processes } = deck.target;
    schedule.push({ atMs, forMs, target: name, ...kind, ...replicaOf(processes, random) });
  }
  return schedule;
}

function kindsOf(target: Target, random: Random): FaultKind[] {
  const kinds = shuffledKinds(target, random);
  const first = firsts[target.name];
  if (first === undefined) return kinds;
  const isFirst = ({ kind, link }: FaultKind) => kind === first.kind && link === first.link;
  return [first, ...kinds.filter((kind) => !isFirst(kind))];
}

// Processes and wires in turn; now and then the wires come first.
function shuffledKinds({ links }: Target, random: Random): FaultKind[] {
  const ofProcess = random.shuffle(processFaults).map((kind): FaultKind => ({ kind }));
  if (links.length === 0) return ofProcess;
  const ofLinks = random.shuffle(
    links.flatMap((link) => linkFaults.map((kind): FaultKind => ({ kind, link }))),
  );
  const kinds = ofLinks.flatMap((kind, i) => [ofProcess[i % ofProcess.length] as FaultKind, kind]);
  return random.chance(0.3) ? [...kinds.slice(1), ...kinds.slice(0, 1)] : kinds;
}

function replicaOf(processes: number, random: Random): Pick<ScheduledFault, 'replica'> {
  if (processes === 0 || random.chance(allOfOne)) return {};
  return { replica: random.int(0, processes - 1) };
}

/** `payments-2 kill`, `orders silent to database`: as people read it. */
export function nameOf(fault: ScheduledFault, targets: readonly Target[]): string {
  const { target, replica, kind, link } = fault;
  const many = (targets.find(({ name }) => name === target)?.processes ?? 1) > 1;
  const name = many ? `${target}-${replica === undefined ? 'all' : replica + 1}` : target;
  return `${name} ${kind}${link === undefined ? '' : ` to ${link}`}`;
}
