import Sequencer from '@jest/test-sequencer';

/** Suites run in the order of MUTANT_SUITES, paths with a space between. */
export default class GivenOrder extends Sequencer {
  override sort(tests: Parameters<Sequencer['sort']>[0]): typeof tests {
    const suites = (process.env.MUTANT_SUITES ?? '').split(' ');
    const place = (path: string) => suites.findIndex((suite) => path.endsWith(`/${suite}`));
    return [...tests].sort((a, b) => place(a.path) - place(b.path));
  }
}
