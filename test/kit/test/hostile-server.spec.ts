import { eventually } from '@tradepost/messaging/testing';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fetch } from 'undici';
import { hostileAnswers, HostileServer } from '../hostile-server';

const timeoutMs = 1_000;

describe('the fetch that everything here calls APIs with', () => {
  it('ends by its deadline whatever the answer is, though garbage is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collecting = setInterval(runInNewContext('gc') as () => void, 100);
    const servers = await Promise.all(hostileAnswers.map((answer) => HostileServer.start(answer)));
    const calls = servers.map(async (server) => {
      const response = await fetch(server.url(), { signal: AbortSignal.timeout(timeoutMs) });
      await response.text();
    });
    const ended = await Promise.allSettled(calls);
    expect(ended.map(({ status }) => status)).toEqual(hostileAnswers.map(() => 'rejected'));
    for (const [index, answer] of hostileAnswers.entries()) {
      // It is whole, so that the connection is kept for the next call.
      if (answer === 'a body that is no gzip') continue;
      await eventually(() => expect(servers[index]?.connections).toBe(0), { what: answer });
    }
    clearInterval(collecting);
    await Promise.all(servers.map((server) => server.stop()));
    // Each collection stops a process that other suites have filled.
  }, 30_000);
});
