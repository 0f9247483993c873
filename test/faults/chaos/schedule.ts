import { Random } from './random';
import { linkKinds, processKinds, type Target, type Way } from './targets';

export interface Fault extends Way {
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
  /** How many faults. */
  faults: number;
  targets: readonly Target[];
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
export function scheduleOf({ seed, faults, targets }: ScheduleOptions): Fault[] {
  const random = new Random(seed, 'faults');
  const decks = targets.map((target) => ({ target, turns: 0, ways: waysOf(target, random) }));
  const schedule: Fault[] = [];
  let atMs = 0;
  for (let i = 0; i < faults; i += 1) {
    const resting = schedule.slice(-restTurns).map(({ target }) => target);
    const ready = decks.filter(({ target }) => !resting.includes(target.name));
    const fewest = Math.min(...ready.map(({ turns }) => turns));
    const deck = random.pick(ready.filter(({ turns }) => turns === fewest));
    const way = deck.ways[deck.turns % deck.ways.length] as Way;
    deck.turns += 1;
    atMs += random.int(gapMs.min, gapMs.max);
    const forMs = random.int(lastsMs.min, lastsMs.max);
    const { name, processes } = deck.target;
    schedule.push({ atMs, forMs, target: name, ...way, ...replicaOf(processes, random) });
  }
  return schedule;
}

function waysOf(target: Target, random: Random): Way[] {
  const ways = shuffledWays(target, random);
  const { first } = target;
  if (first === undefined) return ways;
  const isFirst = ({ kind, link }: Way) => kind === first.kind && link === first.link;
  return [first, ...ways.filter((way) => !isFirst(way))];
}

// Processes and wires in turn; now and then the wires come first.
function shuffledWays({ links }: Target, random: Random): Way[] {
  const ofProcess = random.shuffle(processKinds);
  if (links.length === 0) return ofProcess.map((kind) => ({ kind }));
  const ofLinks = random.shuffle(
    links.flatMap((link) => linkKinds.map((kind) => ({ kind, link }))),
  );
  const ways = ofLinks.flatMap((way, i): Way[] => [
    { kind: ofProcess[i % ofProcess.length] as Way['kind'] },
    way,
  ]);
  return random.chance(0.3) ? [...ways.slice(1), ...ways.slice(0, 1)] : ways;
}

function replicaOf(processes: number, random: Random): Pick<Fault, 'replica'> {
  if (processes === 0 || random.chance(allOfOne)) return {};
  return { replica: random.int(0, processes - 1) };
}

/** `payments-2 kill`, `orders silent to database`: as people read it. */
export function nameOf({ target, replica, kind, link }: Fault, targets: readonly Target[]): string {
  const many = (targets.find(({ name }) => name === target)?.processes ?? 1) > 1;
  const who = many ? `${target}-${replica === undefined ? 'all' : replica + 1}` : target;
  return `${who} ${kind}${link === undefined ? '' : ` to ${link}`}`;
}
