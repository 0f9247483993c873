import { InvalidBody } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { ServiceLogger } from '../src/logging/service-logger';

const quiet = { coloured: false, topicPerSecondMax: 1_000, write: () => undefined };
const logger = () =>
  new ServiceLogger({ service: 'shop', level: 'debug', format: 'json', ...quiet });

it('a field that no message may have is left out of a line, at any depth', async () => {
  const subject = logger();
  const told: unknown[] = [];
  subject.tellThrough((_level, { entries }) => told.push(...entries.map(({ data }) => data)) > 0);
  const fields = '{"constructor":1,"a":[{"toString":2,"b":3}],"__proto__":{"c":4}}';

  subject.log('odd', JSON.parse(fields));

  await eventually(() => expect(told).toEqual([{ a: [{ b: 3 }] }]));
});

it('a line that no message can hold is dropped, counted, and stops none after it', async () => {
  const subject = logger();
  const told: string[] = [];
  let isOdd = true;
  subject.tellThrough((_level, { entries }) => {
    if (!isOdd) return told.push(...entries.map(({ message }) => message)) > 0;
    isOdd = false;
    throw new InvalidBody('LogEntries', ['/entries/0/data is nested too deeply']);
  });

  subject.log('odd');
  await eventually(() => expect(subject.dropped).toBe(1));
  subject.log('even');

  const missing = 'log lines did not reach the topic';
  await eventually(() => expect([...told].sort()).toEqual(['even', missing]));
});
