import { externalBroker, externalDatabase } from '../local/external';

it('a variable that is no URL is named, and its value is not', async () => {
  await expect(externalBroker('secret')).rejects.toThrow(/^AMQP_URL is not a URL$/);
  await expect(externalDatabase('secret')).rejects.toThrow(/^POSTGRES_URL must be a URL: [^ ]*$/);
});

it('a database on a socket is one, and its password is not told when it does not answer', async () => {
  const url = 'postgres://u:secret@/db?host=/nowhere';
  await expect(externalDatabase(url)).rejects.toThrow(
    /^POSTGRES_URL is set to postgres:..u:\*\*\*@.db\?host=.nowhere, which does not answer: .*ENOENT/,
  );
});

it('an address of the management API that is none is named, before anything is started', async () => {
  process.env.AMQP_MANAGEMENT_URL = 'secret';
  const asked = externalBroker('amqp://127.0.0.1:1');
  delete process.env.AMQP_MANAGEMENT_URL;
  await expect(asked).rejects.toThrow(/^AMQP_MANAGEMENT_URL is not a URL$/);
});
