import { findBrowser } from '../../dev/browser';
import { Reader } from '../browser/reader';
import { WatchedShop } from '../browser/watched-shop';

const program = findBrowser();

if (program === undefined) {
  it('the page of the console is not tried here: this machine has no Chromium', () => {
    expect(program).toBeUndefined();
  });
} else {
  describe('the page of the console, shortly (all of it: npm run test:browser)', () => {
    let shop: WatchedShop;

    beforeAll(async () => {
      shop = await WatchedShop.open();
    }, 240_000);
    afterAll(() => shop.close());

    it('places an order, and its journey completes while it is watched', async () => {
      const reader = await Reader.open(shop.browser, shop.url, 1280);
      await reader.placeOrder();
      await reader.page.getByText(/^Paid after .* and booked/).waitFor();
      await reader.page.getByText('ChargePayment', { exact: true }).first().waitFor();
      await reader.close();
      expect(reader.errors).toEqual([]);
    });

    it('needs at most 200 kB of script for its first view', async () => {
      const reader = await Reader.open(shop.browser, shop.url, 1280);
      await reader.goTo('/');
      await reader.page.getByText('orders.confirm-order').first().waitFor();
      const bytes = await reader.scriptBytes();
      await reader.close();
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThanOrEqual(200_000);
    });
  });
}
