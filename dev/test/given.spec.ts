import { givenBroker, givenDatabase } from '../local/given';

it('a variable that is no URL is named, and its value is not', async () => {
  await expect(givenBroker('secret')).rejects.toThrow(/^AMQP_URL is not a URL$/);
  await expect(givenDatabase('secret')).rejects.toThrow(/^POSTGRES_URL is not a URL$/);
});
