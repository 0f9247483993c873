import { linkFaults, nodeFaults, processFaults } from '../harness/faults';
import type { LinkFault, NodeFault } from '../harness/faults';
import { Random } from '../../../dev/random';

export interface FaultKind {
  kind: NodeFault | LinkFault;
  /** Of a link: what is at its other end. */
  link?: string;
}

export interface Target {
  name: string;
  /** 0: a server that is not ours, and that there is one of. */
  processes: number;
  /** What is at the far ends of its wires. */
  links: readonly string[];
  /** Of a node of the broker's cluster: which, from 0. All nodes have the broker's name. */
  node?: number;
}

export interface ScheduledFault extends FaultKind {
  /** After the load began. */
  atMs: number;
  /** So long it lasts, until it is healed. */
  forMs: number;
  target: string;
  /** Which of the target's processes, or nodes, from 0; missing: all of them. */
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
/** Nodes see after 7.5 to 12.5 s that another is silent. */
const cutOffMs = { min: 15_000, max: 20_000 };
/** From the end of a node's fault to the next one's: one that was killed starts meanwhile. */
const betweenNodesMs = 5_000;
/** So many faults hit others before a target has its next turn. */
const restTurns = 3;
const allOfOne = 0.3;

/**
 * Everything there is, services by their names.
 * @param scale processes of each service
 * @param nodes of the broker
 */
export function targetsOf(scale: Readonly<Record<string, number>>, nodes = 1): Target[] {
  const names = Object.keys(scale).sort();
  const services = names.map((name): Target => {
    const links = name === 'payments' ? [...both, 'gateway'] : both;
    return { name, processes: scale[name] ?? 1, links };
  });
  return [
    ...services,
    { name: 'probe', processes: 1, links: both },
    { name: 'gateway', processes: 1, links: ['database'] },
    ...brokers(nodes),
    { name: 'database', processes: 0, links: [] },
  ];
}

function brokers(nodes: number): Target[] {
  if (nodes === 1) return [{ name: 'broker', processes: 0, links: [] }];
  const of = (node: number): Target => ({ name: 'broker', processes: nodes, links: [], node });
  return Array.from({ length: nodes }, (_, node) => of(node));
}

/**
 * The faults in their order: a function of its options and of nothing else. Each target has a turn
 * before one has its next, and is hit by each kind of fault before it is hit by the same again.
 * Nodes of a cluster share the kinds, and one at a time is hit: others have more turns meanwhile.
 */
export function scheduleOf({ seed, faults, targets }: ScheduleOptions): ScheduledFault[] {
  const random = new Random(seed, 'faults');
  const decks = decksOf(targets, random);
  const schedule: ScheduledFault[] = [];
  let atMs = 0;
  let nodesFromMs = 0;
  for (let i = 0; i < faults; i += 1) {
    const resting = schedule.slice(-restTurns).map(({ target }) => target);
    const isReady = ({ name, node }: Target) =>
      !resting.includes(name) && (node === undefined || atMs + gapMs.min >= nodesFromMs);
    const ready = decks.filter(({ target }) => isReady(target));
    const fewest = Math.min(...ready.map(({ turns }) => turns));
    const deck = random.pick(ready.filter(({ turns }) => turns === fewest));
    const kind = deck.kinds.next();
    deck.turns += 1;
    atMs += random.int(gapMs.min, gapMs.max);
    const { min, max } = kind.kind === 'cut-off' ? cutOffMs : lastsMs;
    const forMs = random.int(min, max);
    const { name, node } = deck.target;
    if (node !== undefined) nodesFromMs = atMs + forMs + betweenNodesMs;
    schedule.push({ atMs, forMs, target: name, ...kind, ...replicaOf(deck.target, random) });
  }
  return schedule;
}

/** Kinds of faults one after the other, and again from the first. */
class Kinds {
  private dealt = 0;

  constructor(private readonly kinds: readonly FaultKind[]) {}

  next(): FaultKind {
    const kind = this.kinds[this.dealt % this.kinds.length] as FaultKind;
    this.dealt += 1;
    return kind;
  }
}

function decksOf(targets: readonly Target[], random: Random) {
  let ofNodes: Kinds | undefined;
  return targets.map((target) => {
    const make = () => new Kinds(kindsOf(target, random));
    const kinds = target.node === undefined ? make() : (ofNodes ??= make());
    return { target, turns: 0, kinds };
  });
}

function kindsOf(target: Target, random: Random): FaultKind[] {
  const kinds = shuffledKinds(target, random);
  const first = firsts[target.name];
  if (first === undefined) return kinds;
  const isFirst = ({ kind, link }: FaultKind) => kind === first.kind && link === first.link;
  return [first, ...kinds.filter((kind) => !isFirst(kind))];
}

// Processes and wires in turn; now and then the wires come first.
function shuffledKinds({ links, node }: Target, random: Random): FaultKind[] {
  if (node !== undefined) {
    return random.shuffle([...processFaults, ...nodeFaults]).map((kind) => ({ kind }));
  }
  const ofProcess = random.shuffle(processFaults).map((kind): FaultKind => ({ kind }));
  if (links.length === 0) return ofProcess;
  const ofLinks = random.shuffle(
    links.flatMap((link) => linkFaults.map((kind): FaultKind => ({ kind, link }))),
  );
  const kinds = ofLinks.flatMap((kind, i) => [ofProcess[i % ofProcess.length] as FaultKind, kind]);
  return random.chance(0.3) ? [...kinds.slice(1), ...kinds.slice(0, 1)] : kinds;
}

function replicaOf({ processes, node }: Target, random: Random): Pick<ScheduledFault, 'replica'> {
  if (node !== undefined) return { replica: node };
  if (processes === 0 || random.chance(allOfOne)) return {};
  return { replica: random.int(0, processes - 1) };
}

/** `payments-2 kill`, `broker-3 cut-off`, `orders silent to database`: as people read it. */
export function nameOf(fault: ScheduledFault, targets: readonly Target[]): string {
  const { target, replica, kind, link } = fault;
  const many = (targets.find(({ name }) => name === target)?.processes ?? 1) > 1;
  const name = many ? `${target}-${replica === undefined ? 'all' : replica + 1}` : target;
  return `${name} ${kind}${link === undefined ? '' : ` to ${link}`}`;
}
