import { PermissionMissing } from '../src/permission-missing';
import { Forbidden } from '../src/publish/forbidden';
import { givenProperties } from '../src/publish/given-properties';

const words = (access: string) => `access to ${access} in vhost 'shop' refused for user 'orders'`;
/** As amqplib says that the broker has ended a channel. */
const refusal = (access: string, code = 403) =>
  Object.assign(
    new Error(`403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - ${words(access)}"`),
    {
      code,
      classId: 60,
      methodId: 40,
    },
  );

describe('what may not be published to', () => {
  let forbidden: Forbidden;

  beforeEach(() => {
    jest.useFakeTimers();
    forbidden = new Forbidden();
  });
  afterEach(() => jest.useRealTimers());

  it('is an exchange for 10 s from the refusal, and is tried again then', () => {
    const noted = forbidden.note(refusal("write access to exchange 'happened'"));
    expect(noted).toEqual({ exchange: 'happened', cause: expect.any(PermissionMissing) as Error });
    expect(forbidden.why('other')).toBeUndefined();
    jest.advanceTimersByTime(9_999);
    expect(forbidden.why('happened')).toBe(noted?.cause);
    expect(forbidden.problems).toEqual([expect.stringContaining('write on exchange "happened"')]);
    jest.advanceTimersByTime(1);
    expect(forbidden.problems).toHaveLength(0);
    expect(forbidden.why('happened')).toBeUndefined();
  });

  it('is the default exchange by the name that it has in a message', () => {
    const noted = forbidden.note(refusal("exchange 'amq.default'"));
    expect(noted?.exchange).toBe('');
    expect(forbidden.why('')).toBe(noted?.cause);
  });

  it.each([
    ['another permission', refusal("read access to exchange 'happened'")],
    ['a queue', refusal("write access to queue 'happened'")],
    ['another code', refusal("write access to exchange 'happened'", 406)],
    ['nothing of the kind', new Error('Connection closed')],
  ])('is none for a channel that was ended for %s', (_what, error) => {
    expect(forbidden.note(error)).toBeUndefined();
    expect(forbidden.problems).toEqual([]);
    expect(forbidden.why('happened')).toBeUndefined();
  });
});

describe('the options of a publish', () => {
  it('are properties, but those that the publisher is sure of itself', () => {
    const own = { mandatory: false, persistent: false, deliveryMode: 1 };
    const headers = { 'x-colour': 'grey' };
    const given = { priority: 3, appId: 'shop', headers, ...own };
    expect(givenProperties(given)).toEqual({ priority: 3, appId: 'shop', headers });
    expect(givenProperties({})).toEqual({ headers: {} });
  });

  it('have lists of copies, of one or more, among the headers; an expiration is a text', () => {
    const headers = { 'x-colour': 'grey' };
    const given = { CC: 'one', BCC: ['two', 'three'], expiration: 0, headers };
    const lists = { CC: ['one'], BCC: ['two', 'three'] };
    expect(givenProperties(given)).toEqual({ expiration: '0', headers: { ...headers, ...lists } });
    expect(headers).toEqual({ 'x-colour': 'grey' });
  });
});
