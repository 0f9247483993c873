import { externalBroker, externalDatabase } from '../local/external';

it('a variable that is no URL is named, and its value is not', async () => {
  await expect(externalBroker('secret')).rejects.toThrow(/^AMQP_URL is not a URL$/);
  await expect(externalDatabase('secret')).rejects.toThrow(/^POSTGRES_URL is not a URL$/);
});
