import { environment, Shop, TestBroker, type ShopOptions } from '@tradepost/test-kit';
import { Storefront } from './storefront';
import { withLogs } from './with-logs';

type Options = Omit<ShopOptions, 'amqpUrl' | 'postgresUrl'>;

/** What there is while the suite's tests run. */
export interface OwnShop {
  readonly broker: TestBroker;
  readonly shop: Shop;
  readonly front: Storefront;
  /** The test, saying when it fails what the services said last. */
  telling(test: () => Promise<void>): () => Promise<void>;
}

/** A shop for this suite alone, on a virtual host and databases of its own. */
export function ownShop(options: Options = {}): OwnShop {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    const { postgresUrl } = environment();
    shop = await Shop.start({ amqpUrl: broker.amqpUrl, postgresUrl, ...options });
    front = new Storefront(shop);
  });

  // What did not start is not there to be stopped.
  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
    expect(shop?.warnings).toEqual([]);
  });

  return {
    get broker() {
      return broker;
    },
    get shop() {
      return shop;
    },
    get front() {
      return front;
    },
    telling: (test) => withLogs(() => shop, test),
  };
}
