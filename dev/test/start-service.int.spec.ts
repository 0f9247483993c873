import { RunningService } from '../start/service';

it('does not start a service again that says why it cannot start', async () => {
  const onRestart = jest.fn();
  let service: RunningService | undefined;
  const givenUp = new Promise<Error>((resolve) => {
    const env = { PREFETCH: '0', POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop' };
    service = new RunningService({ name: 'users', port: 0, env, onRestart, onGivenUp: resolve });
    service.start();
  });

  expect((await givenUp).message).toBe('users cannot start');
  expect(onRestart).not.toHaveBeenCalled();
  await service?.stop(1_000);
});
