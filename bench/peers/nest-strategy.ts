import { RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { nestPeer } from './nest';

/** The handlers of `nest` on libs/messaging. An answer has 30 s, as with the others here. */
export const nestOnTradepost = nestPeer({
  server: (options) => ({ strategy: new RabbitStrategy(options) }),
  client: (options) => new RabbitClient({ ...options, timeoutMs: 30_000 }),
});
