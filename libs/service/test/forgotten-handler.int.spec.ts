import { createTestDatabase, eventually, ServiceProcess, TestBroker } from '@tradepost/test-kit';

it('a service says at its start which handler its module does not list', async () => {
  const [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase()]);
  const service = await ServiceProcess.start({
    app: 'forgetful',
    main: 'libs/service/test/forgetful/main.js',
    env: { AMQP_URL: broker.amqpUrl, POSTGRES_URL: database.serviceUrl },
  });
  try {
    const said = await eventually(() => {
      const lines = service.lines.filter((line) => line.includes('handler never runs'));
      expect(lines).not.toEqual([]);
      return lines.map((line) => JSON.parse(line) as object);
    });
    expect(said).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: 'handler never runs: no module provides it',
        data: {
          handler: 'greeted.fanout',
          remedy: 'list its class in the providers of ForgetfulModule',
        },
      }),
    ]);
  } finally {
    await service.kill();
    await Promise.all([broker.close(), database.drop()]);
  }
});
