import { BrokerAsPromised, withDefaultConfig } from 'rascal';
import { Sale } from '../messages/sale';
import { checked, queues, quorum, window } from './peer';
import type { Peer, Setup } from './peer';

/**
 * Rascal, from its README: publications confirm and are persistent unless told otherwise. A
 * channel of its pool carries one message at a time until the confirm: the pool's size bounds what
 * is in flight. It has no call for a question with an answer.
 */

/** A message costs the least with it, of 5, 10 (as in the README), 32 and 64. */
const channels = 64;

function broker({ amqpUrl }: Setup): Promise<BrokerAsPromised> {
  // Handed to amqplib as it is, though its types do not know all of it.
  const socketOptions: object = { noDelay: true };
  const config = withDefaultConfig({
    vhosts: {
      bench: {
        connection: { url: amqpUrl, socketOptions },
        publicationChannelPools: { confirmPool: { max: channels, min: channels } },
        queues: { [queues.sales]: { options: { durable: true, arguments: quorum } } },
        publications: { sale: { queue: queues.sales } },
        subscriptions: { sales: { queue: queues.sales, prefetch: window } },
      },
    },
  });
  return BrokerAsPromised.create(config);
}

export const rascal: Peer = {
  publisher: async (setup) => {
    const connected = await broker(setup);
    return async (sale) => {
      const publication = await connected.publish('sale', sale);
      await new Promise<void>((resolve, reject) => {
        publication.on('success', () => resolve());
        publication.on('error', reject);
        publication.on('return', () => reject(new Error('returned')));
      });
    };
  },
  consumer: async (setup, handled) => {
    const connected = await broker(setup);
    const subscription = await connected.subscribe('sales');
    subscription.on('message', (_message, content, ackOrNack) => {
      handled(checked(Sale, content as object));
      ackOrNack();
    });
    subscription.on('error', (error) => console.error(error));
  },
};
