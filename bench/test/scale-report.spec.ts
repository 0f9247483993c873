import { problemsOf } from '../scale/report';
import type { Scaling } from '../scale/run';

const sample = { second: 0, perSecond: 9, depth: { orders: 3, payments: 7 }, replicas: {} };
const well: Scaling = { accepted: 9, lost: 0, doubled: 0, problem: undefined, samples: [sample] };

it.each<[string, Partial<Scaling>, string[]]>([
  ['nothing', {}, []],
  ['a sale that was lost', { lost: 1 }, ['1 sales were lost']],
  ['an effect that is there twice', { doubled: 2 }, ['2 effects are there twice']],
  ['what the audit found', { problem: 'audit: […]' }, ['audit: […]']],
  [
    'a queue that grows',
    { samples: [sample, { ...sample, depth: { payments: 8 } }] },
    ['8 messages waited, more than 7'],
  ],
])('says of a run: %s', (_name, more, problems) => {
  expect(problemsOf({ ...well, ...more }, { depthMax: 7 })).toEqual(problems);
});
