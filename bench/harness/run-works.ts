import { messageOf } from '../../dev/time';
import { quiet } from './measure';
import { madeBy } from './results';
import { summarise, type WorkResult } from './summarise';
import type { Figures, Setting, Subject, Work } from './work';

/** For the machine to settle before each counted run. */
const settleMs = { full: 10_000, quick: 500, smoke: 0 };
const runsOf = { full: 5, quick: 2, smoke: 1 };

/** Every work, one after the other; of each, its subjects in turn: A B A B … */
export async function runWorks(
  works: readonly Work[],
  setting: Setting & { runs?: number },
): Promise<Record<string, WorkResult>> {
  const results: Record<string, WorkResult> = {};
  for (const work of works) {
    const { scale } = setting;
    setting.log(`${work.name}: ${work.title(scale)}`);
    const runs = setting.runs ?? work.runs?.[scale] ?? runsOf[scale];
    const subjects = work.subjects(setting);
    const figures = await runInTurn(subjects, { ...setting, runs });
    results[work.name] = summarise(work, figures, { scale, runs, ...madeBy() });
  }
  return results;
}

async function runInTurn(
  subjects: Subject[],
  { runs, scale, signal, log }: Setting & { runs: number },
): Promise<Map<string, Figures[]>> {
  const figures = new Map(subjects.map(({ name }) => [name, [] as Figures[]]));
  const begun: Subject[] = [];
  try {
    for (const subject of subjects) {
      signal.throwIfAborted();
      begun.push(subject);
      await subject.start();
    }
    for (let run = 1; run <= runs; run += 1) {
      for (const subject of subjects) {
        signal.throwIfAborted();
        await quiet({ withinMs: settleMs[scale] });
        const measured = await subject.run();
        figures.get(subject.name)?.push(measured);
        log(`  ${subject.name} ${run}/${runs}: ${JSON.stringify(measured, rounded)}`);
      }
    }
    await Promise.all(
      subjects.map(async (subject) => {
        const all = await subject.finish?.();
        if (all) figures.get(subject.name)?.push(all);
      }),
    );
    return figures;
  } finally {
    for (const subject of begun.reverse()) {
      await subject.stop().catch((error: unknown) => log(`  stopping: ${messageOf(error)}`));
    }
  }
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(3)) : value;
}
