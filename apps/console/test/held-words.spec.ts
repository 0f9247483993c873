import { heldInWords } from '../page/views/flow/held-words';

const held = { waiting: 5, keys: 2, stopped: 0, oldestMs: 190_000 };

it('says what waits in the database, and for whom', () => {
  expect(heldInWords(held)).toBe('5 messages of 2 keys, the oldest for 3 min');
  expect(heldInWords({ ...held, stopped: 1 })).toBe(
    '5 messages of 2 keys, the oldest for 3 min; 1 key is stopped at a dead letter',
  );
  expect(heldInWords({ waiting: 1, keys: 1, stopped: 1, oldestMs: 0 })).toBe(
    '1 message of 1 key; it is stopped at a dead letter',
  );
  expect(heldInWords({ ...held, keys: 2, stopped: 2 })).toBe(
    '5 messages of 2 keys, the oldest for 3 min; they are stopped at dead letters',
  );
});
