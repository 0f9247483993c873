/** What has been opened, so that all of it can be closed, also when the opening fails midway. */
export class Closers {
  private readonly all: (() => Promise<unknown>)[] = [];

  add<T>(opened: T, close: (opened: T) => Promise<unknown>): T {
    this.all.push(() => close(opened));
    return opened;
  }

  /** The last first; a failure keeps none of the others open. @throws the first failure */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.all.splice(0).reverse()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
