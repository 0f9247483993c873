import type { Shop } from '@tradepost/test-kit';

/** A test that, when it fails, says what the services said last. */
export function withLogs(shop: () => Shop, test: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await test();
    } catch (error) {
      if (error instanceof Error) {
        error.stack = `${error.stack}\n\nThe last lines of each service:\n${shop().lastLines()}`;
      }
      throw error;
    }
  };
}
