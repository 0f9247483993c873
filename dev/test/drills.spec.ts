import { eventually } from '@tradepost/messaging/testing';
import { fetch } from 'undici';
import type { Broker, Database } from '../local/types';
import { Drills } from '../start/drills';
import { DrillsServer } from '../start/drills-server';
import { Workers } from '../start/workers';

interface State {
  running?: { name: string };
  last?: { name: string; outcome: string };
}

/** A server that only says what was done to it. */
function serverThat(did: string[]): Broker & Database {
  const doing = (what: string) => async () => void did.push(what);
  return {
    ...{ url: 'postgres://x', managementUrl: 'http://x', how: 'here', control: async () => '' },
    ...{ halt: doing('halt'), kill: doing('kill'), resume: doing('resume') },
    ...{ freeze: doing('freeze'), thaw: doing('thaw'), stop: doing('stop') },
  };
}

describe('drills', () => {
  let did: string[];
  let drills: Drills;
  let server: DrillsServer;

  beforeEach(async () => {
    did = [];
    const environmentOf = () => Promise.resolve({});
    const workers = new Workers({ environmentOf, onChange: jest.fn(), onGivenUp: jest.fn() });
    const own = { broker: true, database: true };
    drills = new Drills({ broker: serverThat(did), database: serverThat(did), workers, own });
    server = await DrillsServer.open();
    server.serve(drills);
  });

  afterEach(async () => {
    await drills.close();
    await server.close();
  });

  const ask = (path: string, body?: object, token = server.token) =>
    fetch(`${server.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}` },
      body: body && JSON.stringify(body),
    });
  const state = async () => (await (await ask('/state')).json()) as State;

  it('are for who has the token', async () => {
    expect((await ask('/drills/freeze-database', {}, 'another')).status).toBe(404);
    expect(did).toEqual([]);
  });

  it('mend what they have broken', async () => {
    await ask('/drills/freeze-database', { seconds: 1 });
    await eventually(async () => expect((await state()).last?.outcome).toMatch(/answers again/));
    expect(did).toEqual(['freeze', 'thaw']);
  });

  it('are done one at a time', async () => {
    await ask('/drills/freeze-database', { seconds: 60 });
    const other = await ask('/drills/kill-broker', { seconds: 1 });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ detail: expect.stringContaining('still going on') });
    expect(did).toEqual(['freeze']);
  });

  it('are undone before the servers are stopped', async () => {
    await ask('/drills/freeze-database', { seconds: 60 });
    await drills.close();
    expect(did).toEqual(['freeze', 'thaw']);
    expect((await state()).last?.outcome).not.toMatch(/after 60/);
  });

  it('leave a killed broker to the stop that interrupts them', async () => {
    await ask('/drills/kill-broker', { seconds: 60 });
    await drills.close();
    expect(did).toEqual(['kill']);
    expect((await state()).last?.outcome).toMatch(/stays away/);
  });

  it.each([
    ['/drills/nothing', {}],
    ['/drills/stop-worker', { service: 'nobody' }],
    ['/drills/freeze-database', { seconds: 61 }],
    ['/drills/remove-worker', {}],
  ])('refuse %s %j', async (path, body) => {
    expect((await ask(path, body)).status).toBe(409);
    expect(await state()).not.toHaveProperty('running');
  });
});
