import type { Options, Sample, Scaling } from './run';

/** Every so many seconds a line is printed. */
const printEverySeconds = 3;

export function headOf({ from, to, target, peak, seconds }: Options): string[] {
  return [
    `Up to ${peak} sales a second within ${seconds} s; a replica for ${target} messages, ` +
      `${from} to ${to} of each service.`,
    `${cells('s', 'sales/s', 'depth')}  replicas, of their depth`,
  ];
}

/** Services that have waited for nothing are not named. */
export function lineOf({ second, perSecond, depth, replicas }: Sample): string | undefined {
  if (second % printEverySeconds !== 0) return undefined;
  const each = Object.keys(replicas).map((name) => `${name} ${replicas[name]} (${depth[name]})`);
  return `${cells(`${second}`, `${perSecond}`, `${depthOf(depth)}`)}  ${each.join('  ')}`;
}

/** @returns what is wrong, nothing when all is well */
export function problemsOf(
  { lost, doubled, problem, samples }: Scaling,
  { depthMax }: { depthMax: number },
): string[] {
  const deepest = deepestOf(samples);
  return [
    ...(lost === 0 ? [] : [`${lost} sales were lost`]),
    ...(doubled === 0 ? [] : [`${doubled} effects are there twice`]),
    ...(problem === undefined ? [] : [problem]),
    ...(deepest <= depthMax ? [] : [`${deepest} messages waited, more than ${depthMax}`]),
  ];
}

export function summaryOf({ accepted, lost, doubled, samples }: Scaling): string {
  const most = Math.max(...samples.flatMap(({ replicas }) => Object.values(replicas)));
  return (
    `${accepted} sales: lost ${lost}, doubled ${doubled}; ${deepestOf(samples)} messages waited ` +
    `at most, for up to ${most} replicas`
  );
}

/** Of the service that had most. */
function deepestOf(samples: readonly Sample[]): number {
  return Math.max(...samples.flatMap(({ depth }) => Object.values(depth)));
}

function depthOf(depth: Sample['depth']): number {
  return Object.values(depth).reduce((sum, one) => sum + one, 0);
}

function cells(...texts: string[]): string {
  return texts.map((text) => text.padStart(8)).join('');
}
