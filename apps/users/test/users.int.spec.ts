import { GetUser, type User } from '@tradepost/contracts';
import { Messages } from '@tradepost/messaging';
import { testService, type TestService } from '@tradepost/test-kit';
import { UsersModule } from '../src/users.module';

const paul = { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' };

let service: TestService;

beforeAll(async () => {
  service = await testService(UsersModule);
});

afterAll(async () => {
  await service.stop();
});

async function post(body: unknown): Promise<Response> {
  return fetch(`${service.url}/v1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function get(id: string): Promise<Response> {
  return fetch(`${service.url}/v1/users/${id}`);
}

describe('rpc users.get-user', () => {
  it('answers any AMQP client, under the correlation id of the question', async () => {
    const { body, properties } = await service.broker.ask(
      'users.get-user',
      { id: '1' },
      { correlationId: 'my-question' },
    );

    expect(body).toEqual(paul);
    expect(properties.correlationId).toBe('my-question');
  });

  it('answers into a queue of the client, too', async () => {
    const { body, properties } = await service.broker.ask(
      'users.get-user',
      { id: '1' },
      { ownQueue: true, correlationId: 'my-own-queue' },
    );

    expect(body).toEqual(paul);
    expect(properties.correlationId).toBe('my-own-queue');
  });

  it('answers a service of ours', async () => {
    const messages = service.app.get(Messages);

    expect(await messages.ask(GetUser, { id: '13' })).toEqual({
      id: '13',
      name: 'Lena Fischer',
      email: 'lena.fischer@example.com',
      status: 'suspended',
    });
  });

  it('rejects an unknown id', async () => {
    const messages = service.app.get(Messages);

    await expect(messages.ask(GetUser, { id: 'unknown' })).rejects.toMatchObject({
      name: 'Rejected',
      code: 'user_unknown',
    });
  });
});

describe('many questions at a time', () => {
  it('are answered each, whatever the others ask', async () => {
    // Of a client that checks nothing. PostgreSQL refuses a NUL, and all that is asked with it.
    const ids = ['1', 'unknown', '13', 'a\0b', '2'];
    const asked = ids.map(async (id) => service.broker.ask('users.get-user', { id }));
    const answers = (await Promise.all(asked)).map(({ body }) => body);

    expect(answers).toMatchObject([
      { id: '1' },
      { error: { code: 'user_unknown' } },
      { id: '13' },
      { error: { code: 'invalid_body' } },
      { id: '2' },
    ]);
  });
});

describe('GET /v1/users/:id', () => {
  it('knows Paul', async () => {
    const response = await get('1');

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(paul);
  });

  it('knows the first users', async () => {
    const ids = Array.from({ length: 24 }, (_, index) => String(index + 1));
    const responses = await Promise.all(ids.map(async (id) => get(id)));

    expect(responses.map(({ status }) => status)).toEqual(ids.map(() => 200));
  });

  it('does not know a stranger', async () => {
    const response = await get('stranger');

    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: 'https://tradepost.dev/problems/user-not-found',
      status: 404,
    });
  });

  it('refuses an id that no database can hold', async () => {
    expect((await get('%00')).status).toBe(400);
  });
});

describe('POST /v1/users', () => {
  it('makes a user that the shop then knows, over HTTP and over rpc', async () => {
    const response = await post({ name: 'Zoë Novak', email: 'zoe@example.com' });
    const user = (await response.json()) as User;

    expect(response.status).toBe(201);
    expect(user).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/) as string,
      name: 'Zoë Novak',
      email: 'zoe@example.com',
      status: 'active',
    });
    expect(response.headers.get('location')).toBe(`/v1/users/${user.id}`);
    expect(await (await get(user.id)).json()).toEqual(user);
    expect((await service.broker.ask('users.get-user', { id: user.id })).body).toEqual(user);
  });

  it('gives one email address to one user, however it is spelled', async () => {
    const response = await post({ name: 'Another Paul', email: 'Paul.Jhon@Example.com' });

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: 'https://tradepost.dev/problems/email-taken',
      errors: [{ pointer: '/email' }],
    });
  });

  it.each([
    ['É.Dupont@example.com', 'é.dupont@EXAMPLE.com'],
    ['Ñandú@example.com', 'n\u0303ANDU\u0301@example.com'],
    ['ΑΘΗΝΑ@example.com', 'αθηνα@example.com'],
    ['Ｗide@example.com', 'ｗide@example.com'],
    ['ǅ@example.com', 'ǆ@example.com'],
  ])('%s and %s are one user, in the spelling of the first', async (first, second) => {
    const made = await post({ name: 'First', email: first });
    expect(made.status).toBe(201);
    expect(await made.json()).toMatchObject({ email: first });
    expect((await post({ name: 'Second', email: second })).status).toBe(409);
    expect((await post({ name: 'First again', email: first })).status).toBe(409);
  });

  it('keeps addresses apart that differ in more than their case', async () => {
    for (const email of ['straße@example.com', 'strasse@example.com', 'elan@example.com']) {
      expect((await post({ name: 'Apart', email })).status).toBe(201);
    }
    expect((await post({ name: 'Apart', email: 'élan@example.com' })).status).toBe(201);
  });

  it('makes one user of many requests for the same address at once', async () => {
    const requests = Array.from({ length: 10 }, async () =>
      post({ name: 'Twin', email: 'twin@example.com' }),
    );
    const statuses = (await Promise.all(requests)).map(({ status }) => status);

    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(9);
  });

  it.each([
    [{}, ['/email', '/name']],
    [{ name: '  ', email: 'a@example.com' }, ['/name']],
    [{ name: 'A', email: 'not an address' }, ['/email']],
    [{ name: 'A', email: 'a@example.com', status: 'suspended' }, ['/status']],
    [{ name: 'A\u0000', email: 'a@example.com' }, ['/name']],
  ])('refuses %j', async (body, pointers) => {
    const response = await post(body);
    const { errors } = (await response.json()) as { errors: { pointer: string }[] };

    expect(response.status).toBe(400);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(pointers);
  });
});

describe('GET /v1/users', () => {
  it('lists every user once, page by page', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const response = await fetch(`${service.url}/v1/users?limit=7${cursor}`);
      const page = (await response.json()) as { items: User[]; nextCursor: string | null };
      expect(page.items.length).toBeLessThanOrEqual(7);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    const [row] = await service.db.query<{ count: number }>({
      name: 'test-count',
      text: 'SELECT count(*)::int AS count FROM users',
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(row?.count ?? 0);
  });
});

describe('the table of users', () => {
  const email = 'schema@example.com';
  const row = {
    ...{ id: 'schema', name: 'A', email, mailbox: email, status: 'active' },
    created_at: new Date().toISOString(),
  };

  async function insert(change: object): Promise<unknown> {
    const text = 'INSERT INTO users SELECT * FROM jsonb_populate_record(NULL::users, $1)';
    return service.db.query({ name: 'test-insert', text }, [JSON.stringify({ ...row, ...change })]);
  }

  it.each(Object.keys(row))('wants %s', async (column) => {
    await expect(insert({ [column]: null })).rejects.toMatchObject({ code: '23502', column });
  });

  it('keeps one of an id and one of a mailbox, of a status that there is', async () => {
    await insert({});
    const refused: [object, string][] = [
      [{ mailbox: 'another' }, 'users_pkey'],
      [{ id: 'another' }, 'users_mailbox'],
      [{ id: 'another', mailbox: 'another', status: 'gone' }, 'users_status_check'],
    ];
    for (const [change, constraint] of refused) {
      await expect(insert(change)).rejects.toMatchObject({ constraint });
    }
  });
});
