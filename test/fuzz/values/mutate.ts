import type { Random } from '../../../dev/random';
import type { OddValues } from './odd';

interface Place {
  parent: Record<string, unknown>;
  key: string;
}

type Mutation = (place: Place, random: Random, odd: OddValues) => void;

const depths = [8, 20, 40, 500, 1_200];

const mutations: Mutation[] = [
  remove,
  remove,
  ({ parent, key }, random, odd) => (parent[key] = odd.value(random)),
  ({ parent, key }, random, odd) => (parent[key] = odd.text(random)),
  ({ parent, key }, random, odd) => (parent[key] = odd.number(random)),
  ({ parent, key }) => (parent[key] = null),
  ({ parent, key }) => (parent[key] = [parent[key]]),
  ({ parent, key }) => (parent[key] = String(parent[key])),
  ({ parent, key }) => (parent[key] = { [key]: parent[key] }),
  nudge,
  addField,
  addField,
  repeatItem,
  nest,
];

/** One to three things in it changed, each as likely at the top as deep down. */
export function mutated(value: unknown, random: Random, odd: OddValues): unknown {
  const holder: Record<string, unknown> = { root: value };
  for (let left = random.pick([1, 1, 1, 2, 3]); left > 0; left -= 1) {
    const inner = placesIn(holder.root);
    const places = inner.length > 0 && random.chance(0.95) ? inner : [rootOf(holder)];
    random.pick(mutations)(random.pick(places), random, odd);
  }
  return holder.root;
}

function rootOf(parent: Record<string, unknown>): Place {
  return { parent, key: 'root' };
}

function placesIn(value: unknown, depth = 0): Place[] {
  // What an earlier mutation has nested is not looked into.
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent)
    .slice(0, 20)
    .flatMap((key) => [{ parent, key }, ...placesIn(parent[key], depth + 1)]);
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function nudge({ parent, key }: Place, random: Random): void {
  const { [key]: value } = parent;
  if (typeof value === 'number') parent[key] = value + random.pick([-1, 1, 0.5, 1e13, -1e13]);
  else if (typeof value === 'string') {
    const cut = random.int(0, value.length);
    const between = random.pick(['', '\0', '\uD800', ' ', '\n', '\u{1F600}', "'"]);
    parent[key] = value.slice(0, cut) + between + value.slice(random.pick([cut, cut + 1]));
  } else parent[key] = random.pick([0, '', false]);
}

function addField({ parent, key }: Place, random: Random, odd: OddValues): void {
  const { [key]: value } = parent;
  const target = typeof value === 'object' && value !== null ? value : parent;
  if (Array.isArray(target)) return void target.push(odd.value(random));
  // An assignment to __proto__ would set another thing.
  Object.defineProperty(target, odd.text(random), {
    value: odd.value(random),
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function repeatItem({ parent, key }: Place, random: Random): void {
  const { [key]: value } = parent;
  const items = Array.isArray(value) && value.length > 0 ? (value as unknown[]) : [value];
  const count = random.pick([2, 5, 101, 1_001]);
  parent[key] = Array.from({ length: count }, (_, index) => items[index % items.length]);
}

function nest({ parent, key }: Place, random: Random): void {
  const isList = random.chance(0.5);
  let { [key]: value } = parent;
  for (let left = random.pick(depths); left > 0; left -= 1) value = isList ? [value] : { a: value };
  parent[key] = value;
}
