import { apps, colours } from '../../apps/services';

const taken = Object.values(apps);

/** The one after the highest. */
export function freePort(): number {
  return Math.max(...taken.map(({ port }) => port)) + 1;
}

/** One that no other has, as long as there is one. */
export function freeColour(): string {
  const used: string[] = taken.map(({ colour }) => colour);
  const [first] = colours;
  return colours.find((colour) => !used.includes(colour)) ?? first ?? 'white';
}
