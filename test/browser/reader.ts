import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Of `axe`: what keeps somebody from using the page. */
const serious = ['serious', 'critical'];
const timeoutMs = 15_000;

/** Someone in front of the console, and what went wrong on the page meanwhile. */
export class Reader {
  /** What the page wrote as an error, threw, or asked of anybody else than its own server. */
  readonly errors: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly url: string,
  ) {
    page.on('pageerror', ({ message }) => this.errors.push(message));
    page.on('console', (line) => {
      if (line.type() === 'error') this.errors.push(line.text());
    });
    page.on('request', (request) => {
      const isOwn = request.url().startsWith(url) || request.url().startsWith('data:');
      if (!isOwn) this.errors.push(`asked for ${request.url()}`);
    });
  }

  static async open(browser: Browser, url: string, width: 1280 | 390): Promise<Reader> {
    const height = width === 390 ? 844 : 800;
    const context = await browser.newContext({ viewport: { width, height } });
    context.setDefaultTimeout(timeoutMs);
    return new Reader(context, await context.newPage(), url);
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`, { waitUntil: 'domcontentloaded' });
  }

  /** @returns the id of the order, whose journey is shown then */
  async placeOrder(ending = 'It is paid'): Promise<string> {
    const { page } = this;
    await this.goTo('/orders?place=one');
    await page.getByRole('radio', { name: ending, exact: true }).check();
    await page.getByRole('button', { name: /^Place it/ }).click();
    const journey = /\/orders\/([0-9a-f-]{36})/;
    await page.waitForURL(journey);
    return journey.exec(page.url())?.[1] ?? '';
  }

  /** The faults that axe finds on what is shown: rule, and where. */
  async faults(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations
      .filter(({ impact }) => serious.includes(impact ?? ''))
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }

  /** Of script that came over the wire for what is shown, as it came: compressed. */
  async scriptBytes(): Promise<number> {
    return this.page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.endsWith('.js'))
        .reduce(
          (sum, entry) => sum + (entry as unknown as { encodedBodySize: number }).encodedBodySize,
          0,
        ),
    );
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
