import { array, assert, integer, property, record, string, uint8Array } from 'fast-check';
import { droppedHeader, PropertyList } from '../src/connection/property-list';
import { sameMessage } from '../src/envelope';
import { headersIn, long, rawProperties, short, table } from './raw-message';

const header = record({ name: string({ maxLength: 40 }), value: uint8Array({ maxLength: 400 }) });
const tableOf = (headers: { name: string; value: Uint8Array }[]) =>
  table(
    ...headers.map(({ name, value }): [string, string, Buffer] => [
      name,
      'x',
      long(Buffer.from(value)),
    ]),
  );

describe('the properties of a message as bytes', () => {
  it('are what they were, when nothing is laid over', () => {
    const isTheSame = property(
      array(header, { maxLength: 10 }),
      string({ maxLength: 60 }),
      (headers, id) => {
        const bytes = rawProperties({
          headers: tableOf(headers),
          messageId: short(id),
          priority: Buffer.of(3),
        });
        expect(PropertyList.parse(bytes).toBytes()).toEqual(bytes);
      },
    );
    assert(isTheSame);
  });

  it('never exceed what there is room for, and what is left out is named', () => {
    const fits = property(
      array(header, { maxLength: 30 }),
      integer({ min: 1_200, max: 4_000 }),
      (headers, max) => {
        const list = PropertyList.parse(
          rawProperties({ headers: tableOf(headers), messageId: short('a') }),
        );
        list.set({ headers: { 'x-own': 'o' } });
        const bytes = list.toBytes(max);
        const found = headersIn(bytes);
        expect(bytes.length).toBeLessThanOrEqual(max);
        expect(found).toHaveProperty('x-own');
        const isComplete = list.toBytes().length <= max;
        expect(Object.hasOwn(found, droppedHeader)).toBe(!isComplete);
      },
    );
    assert(fits);
  });

  it('lose what the broker writes first, then the largest of the sender', () => {
    const of = (name: string, length: number) => ({ name, value: Buffer.alloc(length) });
    const headers = [
      of('small', 10),
      of('large', 800),
      of('x-death', 200),
      of('x-last-death-queue', 9),
    ];
    const list = PropertyList.parse(rawProperties({ headers: tableOf(headers) }));
    const left = (max: number) => Object.keys(headersIn(list.toBytes(max)));
    expect(left(1_000)).toEqual(['small', 'large', 'x-last-death-queue', droppedHeader]);
    expect(left(400)).toEqual(['small', droppedHeader]);
  });

  it('of the same message once more have its id, or the one it is known by, and what is still true', () => {
    const headers = ['CC', 'tenant', 'BCC', 'x-delivery-count', 'x-acquired-count'].map((name) => ({
      name,
      value: Buffer.of(1),
    }));
    const came = (own?: string) => {
      const more = own === undefined ? {} : { messageId: short(own) };
      const gone = { userId: short('u'), expiration: short('5') };
      return PropertyList.parse(rawProperties({ headers: tableOf(headers), ...gone, ...more }));
    };
    const idsOf = (list: PropertyList, id: string) => {
      const { messageId } = sameMessage(list, id, { 'x-own': 'o' });
      return [messageId, list.textOf('messageId')];
    };
    expect(idsOf(came(), 'given')).toEqual(['given', 'given']);
    expect(idsOf(came(''), 'given')).toEqual(['given', 'given']);
    expect(idsOf(came('own'), 'given')).toEqual(['own', 'own']);
    const list = came();
    expect(sameMessage(list, undefined)).toEqual({ list, messageId: undefined });
    expect([list.textOf('userId'), list.textOf('expiration')]).toEqual([undefined, undefined]);
    expect(Object.keys(headersIn(list.toBytes()))).toEqual(['tenant']);
  });
});
