import { hasWords, searchable, wordsOf } from '../src/entries/words';

const id = '01993f2a-7c1e-7a34-9d1b-2f5a8c7e6b10';
const bare = id.replaceAll('-', '');

describe('the words of a line', () => {
  it.each([
    ['Card declined: 100%', ['card', 'declined', '100']],
    ['ÉCLAIR, Ångström!', ['éclair', 'ångström']],
    ['orders.confirm-order', ['orders', 'confirm', 'order']],
    [`order ${id} paid`, ['order', bare, 'paid']],
    [`msg_${bare}`, ['msg', bare]],
    ["'); DROP TABLE :* & | ! <->", ['drop', 'table']],
    ['2026-11-26', ['2026', '11', '26']],
    ['…', []],
  ])('of %j are its runs of letters and digits', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are those of its message and of every field, each once', () => {
    const data = { orderId: id, tries: 3, paid: true, at: [{ place: 'Paid twice' }], none: null };
    expect(searchable('order paid', data)).toBe(`order paid ${bare} 3 twice`);
  });

  it('are bounded in length, number and depth', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, `w${n}`]));
    expect(searchable('', many).split(' ')).toHaveLength(500);
    expect(searchable('x'.repeat(8_000))).toBe('x'.repeat(100));
    const deep = JSON.parse(`${'{"a":'.repeat(2_000)}"deep"${'}'.repeat(2_000)}`) as object;
    expect(searchable('shallow', { deep })).toBe('shallow');
  });

  it.each([
    ['ship', 'ship:*'],
    ['Card  declined', 'card:* & declined:*'],
    ['01', '01'],
    [id, `${bare}:*`],
    [id.slice(0, 8), `${bare.slice(0, 8)}:*`],
    [id.slice(0, 11), `${bare.slice(0, 10)}:*`],
    [id.slice(0, 20), `${bare.slice(0, 17)}:*`],
    [id.slice(0, 30), `${bare.slice(0, 26)}:*`],
    ['x'.repeat(200), `${'x'.repeat(100)}:*`],
  ])('are searched for by their beginnings: %s', (text, query) => {
    expect(hasWords(text)).toBe(query);
  });
});
