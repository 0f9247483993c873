import type { BrokerFacts } from '../src/topology/broker-api';
import { advise } from '../src/topology/lint';

/** A broker that nothing is to be said of. */
const quiet: BrokerFacts = {
  version: '3.13.7',
  flags: [],
  deprecated: [],
  inUse: [],
  found: { exchanges: [], queues: [], bindings: [] },
  globalPrefetches: 0,
};
const desired = {
  topology: { exchanges: [], queues: [], bindings: [] },
  wirings: [],
  contracts: [],
};

const codesOf = (facts: Partial<BrokerFacts>) =>
  advise({ ...quiet, ...facts }, desired)
    .map(({ level, code }) => `${level} ${code}`)
    .filter((line) => line !== 'note version');

it('a feature flag that is not enabled is a warning, unless it is an experiment', () => {
  const flag = (name: string, state: string, stability: string) => ({ name, state, stability });
  const flags = [
    flag('khepri_db', 'disabled', 'stable'),
    flag('quorum_queue', 'enabled', 'required'),
    flag('rabbitmq_4.0.0', 'unavailable', 'stable'),
    flag('new_thing', 'disabled', 'experimental'),
  ];
  const advice = advise({ ...quiet, flags }, desired).filter(({ level }) => level === 'warning');
  expect(advice.map(({ code, text }) => `${code}: ${text.split(':')[0]}`)).toEqual([
    'disabled-feature-flag: feature flag khepri_db is disabled',
    'disabled-feature-flag: feature flag rabbitmq_4.0.0 is unavailable',
  ]);
});

it('a broker that cannot dead-letter at least once is a warning', () => {
  expect(codesOf({ version: '3.9.29' })).toEqual(['warning version']);
  expect(codesOf({ version: '3.10.0' })).toEqual([]);
});

it('what 4.3 counts, and what it does not, is told from 4.3 on', () => {
  expect(codesOf({ version: '4.2.9' })).toEqual([]);
  expect(codesOf({ version: '4.10.0' })).toEqual(['note nack-not-counted']);
});

it('a global prefetch is a warning where it counts, and a note where it is denied', () => {
  expect(codesOf({ globalPrefetches: 2 })).toEqual(['warning global-qos']);
  const deprecated = [{ name: 'global_qos', state: 'denied' }];
  expect(codesOf({ deprecated })).toEqual(['note global-qos']);
  expect(codesOf({ deprecated: [{ name: 'global_qos', state: 'permitted' }] })).toEqual([]);
});

it('an exclusive queue may be transient, another one is to be refused', () => {
  const row = { name: 'q', autoDelete: false, args: {}, policy: {}, messages: 0 };
  const found = (exclusive: boolean) => ({
    ...quiet.found,
    queues: [{ ...row, durable: false, exclusive }],
  });
  expect(codesOf({ found: found(true) })).toEqual([]);
  expect(codesOf({ found: found(false) })).toEqual(['warning transient-queue']);
});
