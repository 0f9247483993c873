import { ChargePayment } from '@tradepost/contracts';
import { eventually } from '@tradepost/test-kit';
import { Reader } from './reader';
import { WatchedShop } from './watched-shop';

const views = [
  'flow',
  'orders',
  'dead-letters',
  'logs',
  'ledger',
  'topology',
  'contracts',
  'contracts?kind=http',
  'operations',
  'drills',
];

let shop: WatchedShop;

beforeAll(async () => {
  shop = await WatchedShop.open();
}, 240_000);
afterAll(() => shop.close());

describe.each([1280, 390] as const)('the console in a browser of %d px', (width) => {
  let reader: Reader;

  beforeEach(async () => {
    reader = await Reader.open(shop.browser, shop.url, width);
  });
  afterEach(async () => {
    const { errors } = reader;
    await reader.close();
    expect(errors).toEqual([]);
  });

  it('places an order, and its journey completes while it is watched', async () => {
    await reader.placeOrder();
    const { page } = reader;
    await page.getByText(/^Paid after .* and booked/).waitFor();
    for (const contract of ['ConfirmOrder', 'SaleFinalized', 'ChargePayment', 'PaymentCaptured']) {
      await page.getByText(contract, { exact: true }).first().waitFor();
    }
    expect(await page.getByText('from records').count()).toBe(0);
    expect(await reader.faults()).toEqual([]);
  });

  it('shows a second try in its journey', async () => {
    await reader.placeOrder('It times out once');
    const { page } = reader;
    await page.getByText(/tried twice/).waitFor();
    await page.getByText(/↻/).first().waitFor();
  });

  it('shows a dead letter, which is edited, replayed, and then handled', async () => {
    const orderId = await reader.placeOrder();
    const { page } = reader;
    await page.getByText(/^Paid after/).waitFor();
    type Payments = { items: { id: string }[] };
    const { items } = await shop.get<Payments>('payments', `/v1/payments?orderId=${orderId}`);
    const [payment] = items;
    const queue = 'payments.charge-payment';
    const messageId = `dead-${width}`;
    await shop.broker.sendToQueue(queue, { paymentId: 7 }, { messageId, type: ChargePayment.name });
    await eventually(async () => expect(await shop.broker.depth(`${queue}.dead`)).toBe(1));

    await reader.goTo(`/dead-letters?search=queue:${queue}`);
    await page.getByText('invalid_body').first().click();
    await page.getByText(messageId).first().click();
    await page
      .getByText(/paymentId must be a UUID/)
      .first()
      .waitFor();
    expect(await reader.faults()).toEqual([]);
    await page.getByRole('button', { name: /^Edit/ }).click();
    const body = page.getByRole('textbox', { name: 'Body' });
    const send = page.getByRole('button', { name: 'Send the edited message' });
    await body.fill('{ "paymentId": 8 }');
    await page
      .getByText(/must be a UUID/)
      .last()
      .waitFor();
    expect(await send.isDisabled()).toBe(true);
    await body.fill(JSON.stringify({ paymentId: payment?.id }));
    await send.click();
    await page
      .getByText(/1 handled|handled 1|was handled/i)
      .first()
      .waitFor();
    expect(await shop.broker.depth(`${queue}.dead`)).toBe(0);
  });

  it('follows the log, and shows what is filtered', async () => {
    await reader.goTo('/logs?search=service:orders');
    const { page } = reader;
    await page.getByRole('searchbox').or(page.getByLabel('Search logs')).first().waitFor();
    const other = await Reader.open(shop.browser, shop.url, width);
    await other.placeOrder();
    await other.page.getByText(/^Paid after/).waitFor();
    await other.close();
    await page.getByText('order advanced').first().waitFor();
    expect(await page.getByText('payment settled').count()).toBe(0);
    expect(await reader.faults()).toEqual([]);
  });

  it('shows what a contract says, and finds it by a field', async () => {
    await reader.goTo('/contracts');
    const { page } = reader;
    await page.getByRole('link', { name: 'SaleFinalized', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('transactionId');
    await page.getByRole('link', { name: 'SaleBooked', exact: true }).waitFor();
    await page
      .getByRole('link', { name: 'SaleFinalized', exact: true })
      .waitFor({ state: 'hidden' });
    await page.goto(`${shop.url}/contracts?contract=SaleFinalized`);
    const fields = page.getByRole('table', { name: 'Fields of SaleFinalized' });
    await fields.getByText('list of SaleItem').waitFor();
    expect(await fields.getByRole('rowheader').allInnerTexts()).toContain('sku');
    expect(await reader.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await fields.waitFor({ state: 'hidden' });
    expect(page.url()).not.toContain('contract=');
    await page.getByRole('button', { name: 'HTTP', exact: true }).click();
    await page.getByRole('link', { name: 'POST /v1/orders', exact: true }).click();
    await page.getByRole('table', { name: 'Fields of the body' }).getByText('customerId').waitFor();
    expect(await reader.faults()).toEqual([]);
    await reader.goTo('/contracts');
    await page.getByRole('link', { name: 'ConfirmOrder', exact: true }).waitFor();
    for (const key of ['j', 'j']) await page.keyboard.press(key);
    await page.waitForURL(/contract=DeliverWebhook/);
  });

  it('stops a worker and starts it again, and the picture changes', async () => {
    const { page } = reader;
    const drill = async (title: string) => {
      await reader.goTo('/drills');
      await page.getByRole('button', { name: `${title}…`, exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: title, exact: true }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    await drill('Stop a service');
    await reader.goTo('/flow');
    await page
      .getByText(/payments is down/)
      .first()
      .waitFor({ timeout: 30_000 });
    expect(await reader.faults()).toEqual([]);
    await drill('Start it again');
    await page
      .getByText(/^All well/)
      .first()
      .waitFor({ timeout: 60_000 });
  });

  it.each(views)('has no fault that keeps somebody from using %s', async (view) => {
    await reader.goTo(`/${view}`);
    await reader.page.getByRole('heading', { level: 1 }).waitFor();
    await reader.page
      .getByText(/^(All well|\d|[a-z-]+ (is|are) )/)
      .first()
      .waitFor();
    expect(await reader.faults()).toEqual([]);
  });
});

it.each([
  { motion: 'no-preference', moves: true },
  { motion: 'reduce', moves: false },
] as const)(
  'moves on the flow view: $moves, for who prefers: $motion',
  async ({ motion, moves }) => {
    const watcher = await Reader.open(shop.browser, shop.url, 1280);
    const { page } = watcher;
    await page.emulateMedia({ reducedMotion: motion });
    await watcher.goTo('/flow');
    await page.getByText('orders.confirm-order').first().waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    const moved = page.evaluate<number>(countMoves);

    const buyer = await Reader.open(shop.browser, shop.url, 1280);
    await buyer.placeOrder();
    await buyer.page.getByText(/^Paid after .* and booked/).waitFor();
    await buyer.close();

    expect((await moved) > 0).toBe(moves);
    await watcher.close();
  },
);

/** In the page, for five seconds: dots that came up, and animations that ran. */
const countMoves = `new Promise((done) => {
  let count = 0;
  const watch = new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    count += added.filter(({ nodeName }) => nodeName === 'circle').length;
    count += document.getAnimations().length;
  });
  watch.observe(document.body, { childList: true, subtree: true, attributes: true });
  setTimeout(() => done(count), 5_000);
})`;
