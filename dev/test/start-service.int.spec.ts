import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RunningService } from '../start/service';

describe('a service that npm start runs', () => {
  const wrong = { PREFETCH: '0', POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop' };
  let service: RunningService;
  let givenUp: Promise<Error>;
  const onRestart = jest.fn();

  function start(env: Record<string, string> | Promise<Record<string, string>>): void {
    givenUp = new Promise((onGivenUp) => {
      service = new RunningService({ name: 'users', port: 0, env, onRestart, onGivenUp });
    });
    service.start();
  }

  afterEach(async () => service.stop(1_000));

  it('is not started again when it says why it cannot start', async () => {
    start(wrong);

    expect((await givenUp).message).toBe('users cannot start');
    expect(onRestart).not.toHaveBeenCalled();
  });

  it('waits for its environment', async () => {
    let know: (env: Record<string, string>) => void = () => undefined;
    start(new Promise((resolve) => (know = resolve)));
    expect(service.pid).toBeGreaterThan(0);

    know(wrong);

    expect((await givenUp).message).toBe('users cannot start');
  });
});

it('ends with a parent that dies before it has an environment', async () => {
  const child = spawn(process.execPath, ['dist/dev/start/held-service.js', 'users'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.disconnect();

  expect(await once(child, 'exit')).toEqual([1, null]);
});
