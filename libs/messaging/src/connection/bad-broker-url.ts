/** A URL that no connection can be made with. The reason never repeats it: it has a password. */
export class BadBrokerUrl extends Error {
  override readonly name = 'BadBrokerUrl';

  constructor(readonly reason: string) {
    super(`the URL of the broker ${reason}`);
  }
}
