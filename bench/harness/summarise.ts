import type { Figures, Scale, Work } from './work';

/** `[min, max]` where a run's figures have a number. */
export interface Spread {
  [name: string]: [number, number] | Spread;
}

export interface MadeBy {
  command: string;
  commit: string;
}

export interface WorkResult extends MadeBy {
  title: string;
  scale: Scale;
  /** Counted ones of each subject. */
  runs: number;
  spread: Record<string, Spread>;
  /** Of the first subject to the other; by the other's name, where there are several. */
  ratio?: Figures;
  /** Medians of each subject, under its name. */
  [subject: string]: unknown;
}

/** Medians, spreads and ratios of what the runs of each subject measured. */
export function summarise(
  work: Work,
  measured: Map<string, Figures[]>,
  { scale, ...about }: MadeBy & Pick<WorkResult, 'scale' | 'runs'>,
): WorkResult {
  const medians = new Map([...measured].map(([name, all]) => [name, combine(all, median)]));
  const spreads = [...measured].map(([name, all]) => [name, combine(all, spreadOf)] as const);
  const [first, ...others] = medians;
  const paths = work.ratios ?? Object.keys(work.columns);
  const ratios = others.map(
    ([name, figures]) => [name, ratioOf(first?.[1] ?? {}, figures, paths)] as const,
  );
  return {
    title: work.title(scale),
    scale,
    ...about,
    ...Object.fromEntries(medians),
    spread: Object.fromEntries(spreads),
    ...(ratios.length > 0 && {
      ratio: ratios.length === 1 ? ratios[0]?.[1] : Object.fromEntries(ratios),
    }),
  };
}

/** The number at `cpu.postgres`, if there is one. */
export function figureAt(figures: Figures | undefined, path: string): number | undefined {
  const [head = '', ...rest] = path.split('.');
  const found = figures?.[head];
  if (rest.length === 0) return typeof found === 'number' ? found : undefined;
  return typeof found === 'object' ? figureAt(found, rest.join('.')) : undefined;
}

type Combined<T> = { [name: string]: T | Combined<T> };

function combine<T>(all: Figures[], by: (numbers: number[]) => T): Combined<T> {
  const names = new Set(all.flatMap((figures) => Object.keys(figures)));
  const entries = [...names].flatMap((name): [string, T | Combined<T>][] => {
    const values = all.map((figures) => figures[name]);
    const numbers = values.filter((value) => typeof value === 'number');
    if (numbers.length > 0) return [[name, by(numbers)]];
    const nested = values.filter((value) => typeof value === 'object');
    return nested.length > 0 ? [[name, combine(nested, by)]] : [];
  });
  return Object.fromEntries(entries);
}

function ratioOf(ours: Figures, theirs: Figures, paths: readonly string[]): Figures {
  const ratio: Figures = {};
  for (const path of paths) {
    const [a, b] = [figureAt(ours, path), figureAt(theirs, path)];
    if (a === undefined || b === undefined || b === 0) continue;
    const names = path.split('.');
    const last = names.pop() ?? '';
    const target = names.reduce<Figures>((level, name) => {
      level[name] ??= {};
      return level[name] as Figures;
    }, ratio);
    target[last] = a / b;
  }
  return ratio;
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

function spreadOf(numbers: number[]): [number, number] {
  return [Math.min(...numbers), Math.max(...numbers)];
}
